/** Get Channel Cipher Suites (IPMI 2.0 §22.15, tables 22-17 to 22-19). */
import { type CipherSuite, cipherSuites } from "../../../security/cipherSuites.js";
import { resolveChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";

const standardSuite = 0xc0;
const integrityTag = 0x40;
const confidentialityTag = 0x80;
const pageLength = 16;
const ipmiPayload = 0x00;

interface Request {
  readonly channel: number;
  readonly bySuite: boolean;
  readonly index: number;
}

export const getChannelCipherSuites = defineCommand<Request, { channel: number; page: Buffer }>({
  netFn: netFn.app,
  command: 0x54,
  name: "Get Channel Cipher Suites",
  section: "22.15",
  privilege: privilege.none,
  decode: (data) => {
    requireDataLength(data, 3);
    const [channel = 0, payload = 0, list = 0] = data;
    if ((payload & 0x3f) !== ipmiPayload) {
      throw invalidField(`payload type ${payload & 0x3f}`);
    }
    return { channel: resolveChannel(channel), bySuite: (list & 0x80) !== 0, index: list & 0x3f };
  },
  run: ({ channel, bySuite, index }, { bmc }) => {
    const enabled = cipherSuites.filter(({ id }) => bmc.cipherSuites.includes(id)).sort((a, b) => a.id - b.id);
    const list = Buffer.from(bySuite ? enabled.flatMap(record) : algorithms(enabled));
    return { channel, page: list.subarray(index * pageLength, (index + 1) * pageLength) };
  },
  encode: ({ channel, page }) => Buffer.concat([Buffer.from([channel]), page]),
});

function record({ id, authentication, integrity, confidentiality }: CipherSuite): number[] {
  return [standardSuite, id, authentication.id, integrityTag | integrity.id, confidentialityTag | confidentiality.id];
}

/** Lists every algorithm once, instead of the suites that combine them. */
function algorithms(suites: readonly CipherSuite[]): number[] {
  const all = new Set([
    ...suites.map(({ authentication }) => authentication.id),
    ...suites.map(({ integrity }) => integrityTag | integrity.id),
    ...suites.map(({ confidentiality }) => confidentialityTag | confidentiality.id),
  ]);
  return [...all];
}

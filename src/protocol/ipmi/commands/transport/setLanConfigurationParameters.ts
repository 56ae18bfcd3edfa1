/** Set LAN Configuration Parameters (IPMI 2.0 §23.1, table 23-2). */
import type { Bmc } from "../../../../model/bmc/bmc.js";
import { communityStringLength } from "../../../../model/bmc/lan/lanSettings.js";
import { resolveChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireUnchanged } from "../../readOnly.js";
import { invalidField, requireDataLength } from "../../requestData.js";
import {
  cipherSuiteLevelAt,
  cipherSuiteLevelShift,
  cipherSuiteLevelsLength,
  hasCipherSuiteLevel,
  lanParameters,
} from "./lanParameters.js";

interface Request {
  readonly parameter: number;
  readonly data: Buffer;
}

const setInProgress = 1;
const commitWrite = 2;

/** The writable parameters. Address, gateways and VLAN belong to the host, the rest to the configuration. */
const writers: Readonly<Record<number, (data: Buffer, bmc: Bmc) => void | Promise<void>>> = {
  /** Set in progress: not a lock (a client that died would hold it); writes take effect immediately. */
  0: (data, { lanSettings }) => {
    requireDataLength(data, 1);
    const state = data.readUInt8(0) & 0x03;
    if (state > commitWrite) {
      throw invalidField("set in progress 3 is reserved");
    }
    lanSettings.setInProgress = state === setInProgress ? setInProgress : 0;
  },
  /** Community string. */
  16: (data, { lanSettings }) => {
    requireDataLength(data, communityStringLength);
    return lanSettings.setCommunityString(Buffer.from(data));
  },
  /** Maximum privilege of each cipher suite. */
  24: (data, { cipherSuites, lanSettings }) => {
    requireDataLength(data, cipherSuiteLevelsLength);
    const limits = new Map(cipherSuites.filter(hasCipherSuiteLevel).map((id) => [id, cipherSuiteLevel(data, id)]));
    if (!cipherSuites.some((id) => (limits.get(id) ?? lanSettings.cipherSuiteLimit(id)) >= privilege.administrator)) {
      throw new CompletionError(
        completionCode.notSupportedInPresentState,
        "no user could administer the BMC afterwards: at least one cipher suite must allow the administrator level",
      );
    }
    return lanSettings.setCipherSuiteLimits(limits);
  },
};

function cipherSuiteLevel(data: Buffer, id: number): number {
  const level = (data.readUInt8(cipherSuiteLevelAt(id)) >> cipherSuiteLevelShift(id)) & 0x0f;
  if (level > privilege.administrator) {
    throw invalidField(`privilege level ${level}`);
  }
  return level;
}

export const setLanConfigurationParameters = defineCommand<Request>({
  netFn: netFn.transport,
  command: 0x01,
  name: "Set LAN Configuration Parameters",
  section: "23.1",
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 3, 255);
    resolveChannel(data.readUInt8(0));
    return { parameter: data.readUInt8(1), data: data.subarray(2) };
  },
  run: async ({ parameter, data }, { bmc }) => {
    const write = writers[parameter];
    if (write) {
      await write(data, bmc);
    } else {
      requireUnchangedParameter(parameter, data, bmc);
    }
  },
});

function requireUnchangedParameter(parameter: number, data: Buffer, bmc: Bmc): void {
  // Tables begin with the set selector, in what is read and in what is written.
  const current = lanParameters[parameter]?.(bmc, data.readUInt8(0));
  if (!current) {
    throw new CompletionError(completionCode.parameterNotSupported, `LAN parameter ${parameter}`);
  }
  requireUnchanged(current, data, `LAN parameter ${parameter} is read-only`);
}

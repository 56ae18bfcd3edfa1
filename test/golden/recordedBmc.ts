/**
 * The BMC of the recorded sessions: its numbers are not random and its clock stands still, so that a client's datagrams
 * get the same answers again. Its few commands besides those of the session layer have answers that never change.
 */
import { type Command,defineCommand } from "../../src/protocol/ipmi/command.js";
import { sessionCommands } from "../../src/protocol/ipmi/commands/session/index.js";
import { completionCode, CompletionError } from "../../src/protocol/ipmi/completionCode.js";
import { hex } from "../support/packets.js";
import { createTestBmc, type TestBmc } from "../support/testBmc.js";

function fixed(name: string, netFn: number, command: number, privilege: 0 | 2, data: string): Command {
  return defineCommand({
    netFn,
    command,
    name,
    section: "as recorded",
    privilege,
    decode: () => undefined,
    run: () => hex(data),
    encode: (bytes) => bytes,
  });
}

const chassisControl = defineCommand({
  netFn: 0x00,
  command: 0x02,
  name: "Chassis Control",
  section: "as recorded",
  privilege: 3,
  decode: () => undefined,
  run: (): Buffer => {
    throw new CompletionError(completionCode.notSupportedInPresentState);
  },
  encode: (bytes) => bytes,
});

const fixedCommands = [
  fixed("Get Device ID", 0x06, 0x01, 2, "20 81 01 02 02 bf dc 1a 00 01 00 03 00 00 00"),
  fixed("Get Device GUID", 0x06, 0x08, 2, "b5e824422d1e4b3c5a69788796a5b4c3"),
  fixed("Get System GUID", 0x06, 0x37, 0, "b5e824422d1e4b3c5a69788796a5b4c3"),
  fixed("Get Chassis Status", 0x00, 0x01, 2, "01 00 40 00"),
  chassisControl,
];

export const kg = Buffer.from("BMC-key-of-20-bytes!");

/** `hasKg`: the BMC has a key of its own. */
export function createRecordedBmc(cipherSuites: readonly number[], hasKg: boolean): TestBmc {
  return createTestBmc(
    { cipherSuites, ipmi15Auth: ["md5", "password", "none"], ...(hasKg && { kg }) },
    { commands: [...sessionCommands, ...fixedCommands] },
  );
}

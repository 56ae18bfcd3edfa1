/** The state and settings that the managed system's side of a handshake needs. */
import type { Log } from "../../../../base/log.js";
import type { Bmc } from "../../../../model/bmc/bmc.js";
import type { LoginFailures } from "../../../../model/bmc/users/loginFailures.js";
import type { SessionTable } from "../sessionTable.js";

export interface HandshakeContext {
  readonly bmc: Bmc;
  readonly sessions: SessionTable;
  readonly loginFailures: LoginFailures;
  readonly randomBytes: (size: number) => Buffer;
  readonly log: Log;
}

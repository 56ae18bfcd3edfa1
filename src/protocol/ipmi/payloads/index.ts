/** The payload types of RMCP+ (IPMI 2.0 table 13-16), one row each; the payload commands report these rows. */
import { payloadType } from "../../rmcp/rmcpPlusWrapper.js";
import type { Handshake } from "../session/handshake.js";
import { receiveMessage } from "./ipmiMessage.js";
import type { SessionPayload } from "./sessionPayload.js";

/** The length of an RMCP+ payload is two bytes; 255 bytes of it are reserved for encryption and trailer. */
export const maxRmcpPlusMessage = 0xff00;

/** Standard payload types: inside a session. */
export const sessionPayloads: readonly SessionPayload[] = [
  {
    type: payloadType.ipmi,
    receive: (payload, source, services) => receiveMessage(payload, source, services, maxRmcpPlusMessage),
  },
  {
    type: payloadType.sol,
    receive: (payload, { session, sequence }, { sol }) => sol.receive(payload, session.id, sequence),
  },
];

/** Session setup payload types: outside a session. */
export const setupPayloads: readonly SetupPayload[] = [
  { request: payloadType.openSessionRequest, response: payloadType.openSessionResponse, step: "openSession" },
  { request: payloadType.rakp1, response: payloadType.rakp2, step: "rakp1" },
  { request: payloadType.rakp3, response: payloadType.rakp4, step: "rakp3" },
];

export interface SetupPayload {
  readonly request: number;
  readonly response: number;
  readonly step: keyof Handshake;
}

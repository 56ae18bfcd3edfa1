/** Payload types that this BMC knows (IPMI 2.0 table 13-16). */
import { payloadType } from "../../../rmcp/rmcpPlusWrapper.js";

export const standardPayloads: readonly number[] = [payloadType.ipmi];
export const setupPayloads: readonly number[] = [
  payloadType.openSessionRequest,
  payloadType.openSessionResponse,
  payloadType.rakp1,
  payloadType.rakp2,
  payloadType.rakp3,
  payloadType.rakp4,
];

/** Payload types that this BMC supports (IPMI 2.0 table 13-16). */
import { sessionPayloads, setupPayloads } from "../../payloads/index.js";

export const standardPayloadTypes: readonly number[] = sessionPayloads.map(({ type }) => type);
export const setupPayloadTypes: readonly number[] = setupPayloads.flatMap(({ request, response }) => [
  request,
  response,
]);

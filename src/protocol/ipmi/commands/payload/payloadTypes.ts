/** Payload types that this BMC supports (IPMI 2.0 table 13-16), and the instance of the one that can be activated. */
import type { Bmc } from "../../../../model/bmc/bmc.js";
import { payloadType } from "../../../rmcp/rmcpPlusWrapper.js";
import { sessionPayloads, setupPayloads } from "../../payloads/index.js";
import { invalidField, requireDataLength } from "../../requestData.js";

export const setupPayloadTypes: readonly number[] = setupPayloads.flatMap(({ request, response }) => [
  request,
  response,
]);

/** Inside a session. SOL is one of them where the BMC has a console. */
export function standardPayloadTypes({ console }: Pick<Bmc, "console">): readonly number[] {
  return sessionPayloads.map(({ type }) => type).filter((type) => type !== payloadType.sol || console !== undefined);
}

/** The serial port has one instance of SOL; others may only watch, as `vbmc console` does. */
export const solInstance = 1;

/** Type and instance at the start of a request: both must be those of SOL. Throws CCh. */
export function decodeSolInstance(data: Buffer): void {
  requireSol(data.readUInt8(0) & 0x3f);
  const instance = data.readUInt8(1) & 0x0f;
  if (instance !== solInstance) {
    throw invalidField(`instance ${instance} of SOL`);
  }
}

function requireSol(type: number): void {
  if (type !== payloadType.sol) {
    throw invalidField(`payload type ${type} cannot be activated`);
  }
}

/** Type, instance and four bytes more (§24.1-2). @returns those four */
export function decodeInstanceRequest(data: Buffer): Buffer {
  requireDataLength(data, 6);
  decodeSolInstance(data);
  return data.subarray(2);
}

/** Suspend/Resume Payload Encryption (IPMI 2.0 §24.3, table 24-5): of what the BMC sends. */
import { defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";
import { decodeSolInstance } from "./payloadTypes.js";

const operationNotSupported = 0x80;
const operationNotAllowed = 0x81;
const noEncryption = 0x82;
const notActive = 0x83;

const suspend = 0;
const resume = 1;
/** Of a stream cipher; AES-CBC has a new one in each packet. */
const newInitializationVector = 2;

export const suspendResumePayloadEncryption = defineCommand<number>({
  netFn: netFn.app,
  command: 0x55,
  name: "Suspend/Resume Payload Encryption",
  section: "24.3",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 3);
    decodeSolInstance(data);
    const operation = data.readUInt8(2) & 0x1f;
    if (operation > newInitializationVector) {
      throw invalidField(`operation ${operation}`);
    }
    return operation;
  },
  run: (operation, { session, sol, bmc }) => {
    const owner = sol.owner();
    if (!owner) {
      throw new CompletionError(notActive, "SOL is not active");
    }
    if (owner.sessionId !== session?.id) {
      throw new CompletionError(completionCode.insufficientPrivilege, "SOL is active in another session");
    }
    if (operation === newInitializationVector) {
      throw new CompletionError(operationNotSupported, "AES-CBC has an initialization vector in each packet");
    }
    if (!owner.canProtect.encrypted) {
      throw new CompletionError(noEncryption, "the cipher suite of the session has no encryption");
    }
    if (operation === suspend && bmc.sol.kept().forcesEncryption) {
      throw new CompletionError(operationNotAllowed, "SOL parameter 2 demands encryption");
    }
    const encrypted = operation === resume;
    owner.protection = { encrypted, authenticated: owner.protection.authenticated || encrypted };
  },
});

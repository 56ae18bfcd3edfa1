/** Activate Payload (IPMI 2.0 §24.1, table 24-2). */
import { type CommandContext, defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField } from "../../requestData.js";
import type { OutboundProtection } from "../../session/sessionPayload.js";
import { maxCharacters, solPacketSize } from "../../sol/solPacket.js";
import { decodeInstanceRequest } from "./payloadTypes.js";
import { requireSolAccess } from "./solAccess.js";

const alreadyActive = 0x80;
const cannotEncrypt = 0x83;
const cannotSendInTheClear = 0x84;

const encryptBit = 0x80;
const authenticateBit = 0x40;
/** The packets that we take, their header not counted: all of ipmitool, FreeIPMI and pyghmi keep to it. */
const inboundSize = maxCharacters;
const noVlan = 0xffff;

export const activatePayload = defineCommand<OutboundProtection, number>({
  netFn: netFn.app,
  command: 0x48,
  name: "Activate Payload",
  section: "24.1",
  privilege: privilege.user,
  decode: (data) => {
    const [flags = 0] = decodeInstanceRequest(data);
    const wanted = { encrypted: (flags & encryptBit) !== 0, authenticated: (flags & authenticateBit) !== 0 };
    if (wanted.encrypted && !wanted.authenticated) {
      throw invalidField("encryption without authentication");
    }
    // Test mode is not offered, serial alerts do not exist, and a VM's output is sent also before CTS is asserted:
    // ipmitool wants it deasserted, and asserts it with the first key only.
    return wanted;
  },
  run: async (wanted, context) => {
    requireSolAccess(context);
    const { session, sol, bmc } = context;
    const canProtect = session && sol.protectionOf(session.id);
    if (!session || !canProtect) {
      throw new CompletionError(completionCode.notSupportedInPresentState, "SOL needs an RMCP+ session");
    }
    requireProtection(wanted, canProtect, context);
    const owner = sol.owner();
    if (owner && owner.sessionId !== session.id) {
      throw new CompletionError(alreadyActive, "SOL is active in another session");
    }
    await sol.activate(session.id, wanted);
    return bmc.solPort();
  },
  encode: (port) => {
    const data = Buffer.alloc(12);
    data.writeUInt16LE(inboundSize, 4);
    data.writeUInt16LE(solPacketSize, 6);
    data.writeUInt16LE(port, 8);
    data.writeUInt16LE(noVlan, 10);
    return data;
  },
});

function requireProtection(wanted: OutboundProtection, can: OutboundProtection, { bmc }: CommandContext): void {
  const { forcesEncryption, forcesAuthentication } = bmc.sol.kept();
  if ((forcesEncryption && !wanted.encrypted) || (forcesAuthentication && !wanted.authenticated)) {
    throw new CompletionError(cannotSendInTheClear, "SOL parameter 2 demands encryption or authentication");
  }
  if ((wanted.encrypted && !can.encrypted) || (wanted.authenticated && !can.authenticated)) {
    throw new CompletionError(cannotEncrypt, "the cipher suite of the session has none");
  }
}

/** Get Session Info (IPMI 2.0 §22.20, table 22-25). */
import { lanChannel } from "../../channelNumber.js";
import { type CommandSession, defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

type Request =
  | { readonly by: "current" }
  | { readonly by: "index"; readonly index: number }
  | { readonly by: "handle"; readonly handle: number }
  | { readonly by: "id"; readonly id: number };

interface Response {
  readonly capacity: number;
  readonly activeCount: number;
  readonly session: (CommandSession & { readonly remote: { address: string; port: number } }) | undefined;
}

const byHandle = 0xfe;
const byId = 0xff;
const rmcpPlusSession = 0x10;

export const getSessionInfo = defineCommand<Request, Response>({
  netFn: netFn.app,
  command: 0x3d,
  name: "Get Session Info",
  section: "22.20",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 1, 5);
    const index = data.readUInt8(0);
    if (index === byHandle) {
      requireDataLength(data, 2);
      return { by: "handle", handle: data.readUInt8(1) };
    }
    if (index === byId) {
      requireDataLength(data, 5);
      return { by: "id", id: data.readUInt32LE(1) };
    }
    requireDataLength(data, 1);
    return index === 0 ? { by: "current" } : { by: "index", index };
  },
  run: (request, context) => {
    const open = context.sessions.active();
    const session = open.find(({ id, handle }, position) => {
      switch (request.by) {
        case "current":
          return id === context.session?.id;
        case "index":
          return position === request.index - 1;
        case "handle":
          return handle === request.handle;
        case "id":
          return id === request.id;
      }
    });
    if (!session && request.by !== "index") {
      throw new CompletionError(completionCode.notPresent, "no such session");
    }
    return { capacity: context.sessions.capacity, activeCount: open.length, session };
  },
  encode: ({ capacity, activeCount, session }) => {
    const head = Buffer.from([session?.handle ?? 0, Math.min(capacity, 0x3f), Math.min(activeCount, 0x3f)]);
    if (!session) {
      return head;
    }
    const { userId, privilege: level, protocol, remote } = session;
    const end = Buffer.alloc(15);
    end.set([userId, level, (protocol === "rmcpPlus" ? rmcpPlusSession : 0) | lanChannel]);
    // §22.20 only provides for an IPv4 address; a UDP server does not know the console's MAC address.
    end.set(ipv4Bytes(remote.address), 3);
    end.writeUInt16LE(remote.port, 13);
    return Buffer.concat([head, end]);
  },
});

function ipv4Bytes(address: string): number[] {
  const parts = address.split(".").map(Number);
  return parts.length === 4 ? parts : [0, 0, 0, 0];
}

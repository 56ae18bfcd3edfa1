/**
 * A VM's console over a WebSocket: `/console/NAME`, bytes of the VM and of the keyboard as binary messages, everything else
 * as JSON. A browser cannot send a header with it, so the session's token is the second of its subprotocols.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { type WebSocket, WebSocketServer } from "ws";

import { reasonOf } from "../../base/errors.js";
import { type ConsoleStream, openConsoleStream } from "../../io/console/consoleStream.js";
import type { FleetService } from "../../protocol/redfish/fleet/service.js";
import type { WebChannel } from "./channel.js";

export type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

const subprotocol = "vbmc-console";
const tokenPrefix = "token.";
const welcomeTimeoutMs = 10_000;
/** A browser that reads slower than the VM writes holds the VM back beyond this, bytes. */
const maxUnsentBytes = 256 * 1_024;
const maxMessageBytes = 64 * 1_024;
/** Proxies cut silent connections. */
const pingIntervalMs = 30_000;

/** Codes of RFC 6455 §7.4 and, from 4000 on, our own: the page says what they mean. */
const closeCodes = { unavailable: 4_000, denied: 4_003, normal: 1_000 } as const;

export function createConsoleSocket(channel: WebChannel, service: Pick<FleetService, "accessTo">): OnUpgrade {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    handleProtocols: (protocols) => (protocols.has(subprotocol) ? subprotocol : false),
  });

  return (request, socket, head) => {
    const name = nameIn(request.url);
    const token = tokenOf(request.headers["sec-websocket-protocol"]);
    socket.on("error", () => undefined);
    if (name === undefined || token === undefined) {
      socket.end(`HTTP/1.1 ${name === undefined ? "404 Not Found" : "401 Unauthorized"}\r\nConnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      const from = (request.socket.remoteAddress ?? "").replace(/^::ffff:(?=\d+\.)/, "");
      void serve(opened, name, token, from, channel, service);
    });
  };
}

function nameIn(url = ""): string | undefined {
  try {
    const [, id] = /^\/console\/([^/?]+)$/.exec(url) ?? [];
    return id === undefined ? undefined : decodeURIComponent(id);
  } catch {
    return undefined;
  }
}

function tokenOf(protocols = ""): string | undefined {
  const offered = protocols.split(",").map((protocol) => protocol.trim());
  return offered.find((protocol) => protocol.startsWith(tokenPrefix))?.slice(tokenPrefix.length);
}

async function serve(
  socket: WebSocket,
  vmName: string,
  token: string,
  from: string,
  channel: WebChannel,
  service: Pick<FleetService, "accessTo">,
): Promise<void> {
  socket.on("error", () => undefined);
  const access = service.accessTo(vmName, token);
  if (!access) {
    socket.close(closeCodes.denied, "your account does not see this console");
    return;
  }
  const place = await channel.openConsole({ vmName, from, user: access.userName, isReadOnly: access.isReadOnly });
  if ("fault" in place) {
    socket.close(closeCodes.unavailable, brief(place.fault));
    return;
  }
  try {
    await connect(socket, place, () => service.accessTo(vmName, token) !== undefined);
  } catch (error) {
    socket.close(closeCodes.unavailable, brief(reasonOf(error)));
  }
}

/** A close reason has 123 bytes at most. */
function brief(reason: string): string {
  return Buffer.from(reason)
    .subarray(0, 120)
    .toString()
    .replace(/\ufffd$/, "");
}

async function connect(
  socket: WebSocket,
  place: { readonly socketPath: string; readonly key: string },
  isAllowed: () => boolean,
): Promise<void> {
  let stream: ConsoleStream | undefined = undefined as ConsoleStream | undefined;
  let isHeldBack = false;

  function holdBack(): void {
    if (!isHeldBack && socket.bufferedAmount > maxUnsentBytes) {
      isHeldBack = true;
      stream?.pause();
    }
  }

  const tell = (message: object): void => socket.send(JSON.stringify(message));
  const send = (bytes: Buffer): void => {
    // The bytes are valid only during this call.
    socket.send(Buffer.from(bytes), { binary: true }, () => {
      if (isHeldBack && socket.bufferedAmount <= maxUnsentBytes / 2) {
        isHeldBack = false;
        stream?.resume();
      }
    });
    holdBack();
  };
  const opened = await openConsoleStream({
    ...place,
    timeoutMs: welcomeTimeoutMs,
    listener: {
      onData: send,
      onStatus: (status) => tell({ type: "status", ...status }),
      onOverrun: (skippedBytes) => tell({ type: "overrun", skippedBytes }),
      onDrain: () => socket.resume(),
      onEnd: ({ message }) => socket.close(closeCodes.unavailable, brief(message)),
    },
  });
  stream = opened;
  const timer = setInterval(() => {
    // A session that has ended must not go on typing.
    if (isAllowed()) {
      socket.ping();
    } else {
      socket.close(closeCodes.denied, "your session has ended");
    }
  }, pingIntervalMs);
  socket.on("close", () => {
    clearInterval(timer);
    opened.close();
  });
  socket.on("message", (data, isBinary) => {
    if (isBinary) {
      if (!opened.write(data as Buffer)) {
        socket.pause();
      }
    } else {
      command(opened, (data as Buffer).toString());
    }
  });
  if (socket.readyState !== socket.OPEN) {
    opened.close();
    clearInterval(timer);
  }
}

function command(stream: ConsoleStream, text: string): void {
  switch (text) {
    case "break":
      stream.sendBreak();
      break;
    case "take":
      stream.take();
      break;
    case "release":
      stream.release();
      break;
  }
}

/** A serial port without a concentrator: the VM connects to an address, or its host waits for a connection at a port. */
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

import type { SerialAddress } from "./address.js";
import { dial } from "./dial.js";
import { telnetOption } from "./extension.js";
import type { Line, LineOptions } from "./line.js";
import { createRetry } from "./retry.js";
import {
  breakCommand,
  createTelnetDecoder,
  doIt,
  dont,
  encodeOptions,
  escapeIac,
  type TelnetEvent,
  will,
  wont,
} from "./telnet.js";

export function createDirectLine(options: LineOptions, address: SerialAddress, isServer: boolean): Line {
  const { onStatus } = options;
  let current: Socket | undefined;
  let server: Server | undefined;
  let isClosed = false;
  const retry = createRetry(options.retryMs, () => void connect());
  const ruleSet = isServer ? "remoteSerialPort" : "vSPC";
  const isAllowed = (): boolean => options.isAllowed(ruleSet) || options.isAllowed("remoteSerialPort");

  async function connect(): Promise<void> {
    try {
      if (!isAllowed()) {
        throw new Error("the firewall of the host is closed");
      }
      take(await dial(address));
    } catch {
      lost();
    }
  }

  function take(socket: Socket): void {
    if (isClosed) {
      socket.destroy();
      return;
    }
    current = socket;
    attach(socket);
    onStatus("ok", true);
    options.onDrain();
  }

  function lost(): void {
    current = undefined;
    if (!isClosed && !isServer) {
      onStatus("recoverableError", retry.later());
    }
    options.onDrain();
  }

  function attach(socket: Socket): void {
    socket.setNoDelay(true);
    const decode = createTelnetDecoder();
    const answered = new Set<string>();
    const onEvent = (event: TelnetEvent): void => {
      if (event.kind === "data") {
        options.onData(event.bytes);
      } else if (event.kind === "command" && event.code === breakCommand) {
        options.onBreak();
      } else if (event.kind === "option" && !answered.has(`${event.verb} ${event.option}`)) {
        answered.add(`${event.verb} ${event.option}`);
        const reply = replyTo(event.verb, event.option);
        if (reply !== undefined) {
          socket.write(encodeOptions(reply, event.option));
        }
      }
    };
    if (address.isTelnet) {
      const { binary, echo, suppressGoAhead } = telnetOption;
      socket.write(encodeOptions(will, binary, echo, suppressGoAhead));
      socket.write(encodeOptions(doIt, binary, suppressGoAhead));
    }
    socket.on("data", (chunk: Buffer) => {
      try {
        (address.isTelnet ? decode(chunk) : [{ kind: "data", bytes: chunk } as const]).forEach(onEvent);
      } catch {
        socket.destroy();
      }
    });
    socket.on("drain", () => (socket === current ? options.onDrain() : undefined));
    socket.on("error", () => undefined);
    socket.on("end", () => socket.end());
    socket.on("close", () => (socket === current ? lost() : undefined));
  }

  function listen(): Promise<void> {
    // One at a time, as at a plug.
    const onConnection = (socket: Socket): void => (current || !isAllowed() ? void socket.destroy() : take(socket));
    const listener =
      address.isTls && options.certificate
        ? createTlsServer(options.certificate, onConnection)
        : createServer(onConnection);
    server = listener;
    return new Promise((resolve) => {
      listener.on("error", () => {
        onStatus("unrecoverableError", false);
        resolve();
      });
      listener.listen(address.port, address.host === "" ? options.hostAddress : address.host, () => {
        onStatus("ok", true);
        resolve();
      });
    });
  }

  return {
    settled: isServer ? listen() : connect(),
    write: (bytes) => {
      if (!current) {
        return "lost";
      }
      return current.write(address.isTelnet ? escapeIac(bytes) : bytes) ? "sent" : "full";
    },
    migrate: () => Promise.reject(new Error("its backing is not accessible at the other host")),
    close: () => {
      isClosed = true;
      retry.stop();
      server?.close();
      current?.end();
      current = undefined;
    },
  };
}

/** Both sides have announced what they want: only what is not wanted is answered. */
function replyTo(verb: number, option: number): number | undefined {
  const { binary, echo, suppressGoAhead } = telnetOption;
  if (verb === doIt) {
    return [binary, echo, suppressGoAhead].some((known) => known === option) ? undefined : wont;
  }
  if (verb === will) {
    return [binary, suppressGoAhead].some((known) => known === option) ? undefined : dont;
  }
  return undefined;
}

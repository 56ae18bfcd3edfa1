/** Consoles without the concentrator: we connect to the ESXi host, or the VM to a port of its own here. */
import { type BlockList, connect, createServer, type Socket } from "node:net";

import { errorCode, reasonOf } from "../../base/errors.js";
import type { ConsoleMode } from "../ipc/console.js";
import { addressOf, isListed } from "./hostList.js";
import type { Line } from "./line.js";
import { listenOn, serialSocketOptions, showAddress } from "./listening.js";
import { connectPlain } from "./plainConnection.js";

export interface DirectConnection {
  readonly close: () => void;
}

const firstWaitMs = 500;
/** A VM that is switched on shows its first words within this time, ms. */
const maxWaitMs = 10_000;
const connectTimeoutMs = 10_000;
/** Delay before binding a port that is in use is retried, ms. */
const listenAgainMs = 10_000;

export function openDirect(
  mode: Exclude<ConsoleMode, { kind: "concentrator" }>,
  line: Line,
  allowed: BlockList | undefined,
): DirectConnection {
  return mode.kind === "connect" ? keepConnected(mode, line) : listenForVm(mode, line, allowed);
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused: is the VM on, and does its port listen there?",
  ENOTFOUND: "neither /etc/hosts nor DNS knows this name",
  EHOSTUNREACH: "no route to the host",
  ETIMEDOUT: "no answer",
};

function keepConnected(target: Extract<ConsoleMode, { kind: "connect" }>, line: Line): DirectConnection {
  let socket: Socket;
  let retry: NodeJS.Timeout | undefined;
  let waitMs = firstWaitMs;
  let isClosed = false;

  function again(): void {
    if (!isClosed) {
      retry = setTimeout(open, waitMs);
      waitMs = Math.min(2 * waitMs, maxWaitMs);
    }
  }

  function open(): void {
    let fault: string | undefined;
    socket = connect({ host: target.address, port: target.port, ...serialSocketOptions });
    const bound = setTimeout(() => socket.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" })), connectTimeoutMs);
    const failed = (error: Error): void => {
      fault = reasons[errorCode(error) ?? ""] ?? reasonOf(error);
    };
    const closed = (): void => {
      clearTimeout(bound);
      if (fault !== undefined && !isClosed) {
        line.failed(`${showAddress(target)}: ${fault}`);
      }
      again();
    };
    socket.on("error", failed);
    socket.on("close", closed);
    socket.on("connect", () => {
      clearTimeout(bound);
      socket.removeListener("error", failed);
      socket.removeListener("close", closed);
      waitMs = firstWaitMs;
      connectPlain(socket, target.protocol, line, again);
    });
  }

  open();
  return {
    close: () => {
      isClosed = true;
      clearTimeout(retry);
      socket.destroy();
    },
  };
}

function listenForVm(
  target: Extract<ConsoleMode, { kind: "listen" }>,
  line: Line,
  allowed: BlockList | undefined,
): DirectConnection {
  let retry: NodeJS.Timeout | undefined;
  let isClosed = false;
  const server = createServer(serialSocketOptions, (socket) => {
    const from = addressOf(socket);
    socket.on("error", () => undefined);
    const present = line.connection;
    if (allowed !== undefined && !isListed(allowed, from)) {
      socket.destroy();
      line.failed(`a connection from ${from} is refused: it is not among allowed_hosts`);
    } else if (present !== undefined && present.from !== from) {
      socket.destroy();
      line.failed(`a connection from ${from} is refused: one from ${present.from} is there`);
    } else {
      // From the same host: the VM was switched off and on, and the end of its former connection got lost.
      connectPlain(socket, target.protocol, line, () => undefined);
    }
  });

  function listen(): void {
    listenOn(server, target).catch((error: unknown) => {
      if (!isClosed) {
        line.failed(reasonOf(error));
        retry = setTimeout(listen, listenAgainMs);
      }
    });
  }

  listen();
  return {
    close: () => {
      isClosed = true;
      clearTimeout(retry);
      server.close();
      line.connection?.destroy();
    },
  };
}

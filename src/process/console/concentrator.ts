/** Where VMs connect: one port for all, both TLS and clear text, which the first byte distinguishes. */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { type BlockList, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";

import type { Log } from "../../base/log.js";
import { createMigrations } from "../../protocol/telnet/migrations.js";
import type { VmIdentity } from "../../protocol/telnet/vmIdentity.js";
import type { ConsoleAddress } from "../ipc/console.js";
import { addressOf, isListed } from "./hostList.js";
import { createLimbo, type Limbo } from "./limbo.js";
import { listenOn, serialSocketOptions } from "./listening.js";
import type { ServedConsoles } from "./servedConsoles.js";
import { createVmConnection } from "./vmConnection.js";
import type { VmConnection } from "./vmState.js";

/** First byte of a TLS record with a handshake (RFC 8446 §5.1). */
const tlsHandshake = 0x16;
/** A VM that speaks no TLS may wait for us to begin, ms. */
const firstByteTimeoutMs = 1_000;
const limboTimeoutMs = 10_000;
const maxInLimbo = 256;
/** Maximum reasons that are remembered to log each once per VM or address. */
const maxTold = 1_000;

export interface ConcentratorOptions {
  readonly listen: ConsoleAddress;
  /** undefined: any host may connect. */
  readonly allowed: BlockList | undefined;
  readonly consoles: ServedConsoles;
  readonly log: Log;
}

export interface Concentrator {
  /** Rejects with one line that says what to do. */
  readonly open: () => Promise<void>;
  /** What VMs see that connect with TLS; PEM. */
  readonly useCertificate: (certificate: string, key: string) => void;
  readonly close: () => void;
}

export function createConcentrator({ listen, allowed, consoles, log }: ConcentratorOptions): Concentrator {
  const limbo = createLimbo({ maxConnections: maxInLimbo, timeoutMs: limboTimeoutMs });
  const migrations = createMigrations<VmConnection>({ randomBytes, isEqual: isEqualSecret });
  const tellRefusal = createRefusals(log);
  const sockets = new Set<Socket>();
  let secureContext: SecureContext | undefined;

  function serve(socket: Duplex, from: string, isEncrypted: boolean): void {
    createVmConnection({
      socket,
      from,
      isEncrypted,
      limbo,
      migrations,
      isKnown: consoles.isKnown,
      match: (identity) => consoles.match(identity, allowed !== undefined),
      onRefused: (reason, identity) => tellRefusal(from, reason, identity),
    });
  }

  function serveTls(socket: Socket, from: string): void {
    if (secureContext === undefined) {
      tellRefusal(from, "there is no certificate for TLS yet");
      socket.destroy();
      return;
    }
    const tls = new TLSSocket(socket, { isServer: true, secureContext });
    const expel = (reason: string): void => {
      tellRefusal(from, reason);
      socket.destroy();
    };
    const leave = limbo.enter(expel);
    const onError = (error: Error): void => expel(`its TLS handshake failed: ${error.message}`);
    tls.once("error", onError);
    tls.once("close", leave);
    tls.once("secure", () => {
      leave();
      tls.removeListener("error", onError);
      serve(tls, from, true);
    });
  }

  const server: Server = createServer({ ...serialSocketOptions, pauseOnConnect: true }, (socket) => {
    const from = addressOf(socket);
    socket.on("error", () => undefined);
    if (allowed !== undefined && !isListed(allowed, from)) {
      tellRefusal(from, "its host is not among allowed_hosts");
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    peekFirstByte(socket, limbo, (first) => {
      if (first === tlsHandshake) {
        serveTls(socket, from);
      } else {
        serve(socket, from, false);
        socket.resume();
      }
    });
  });

  return {
    open: () => listenOn(server, listen),
    useCertificate: (cert, key) => {
      secureContext = createSecureContext({ cert, key, minVersion: "TLSv1.2" });
    },
    close: () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}

/** Leaves the byte where it is; undefined when none came in time. */
function peekFirstByte(socket: Socket, limbo: Limbo, then: (first: number | undefined) => void): void {
  const leave = limbo.enter(() => socket.destroy());
  const finish = (first: number | undefined): void => {
    clearTimeout(timer);
    leave();
    socket.removeListener("readable", onReadable);
    if (!socket.destroyed) {
      then(first);
    }
  };
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk !== null) {
      socket.unshift(chunk);
      finish(chunk[0]);
    }
  };
  const timer = setTimeout(() => finish(undefined), firstByteTimeoutMs);
  socket.on("readable", onReadable);
  socket.once("close", () => {
    clearTimeout(timer);
    leave();
  });
}

/** Logs once per VM, and per address without a VM, why it is refused. */
function createRefusals(log: Log): (from: string, reason: string, identity?: VmIdentity) => void {
  const reported = new Set<string>();
  return (from, reason, identity) => {
    const { vcUuid, biosUuid, name } = identity ?? {};
    const key = `${vcUuid ?? biosUuid ?? from}\n${reason}`;
    if (reported.has(key)) {
      return;
    }
    if (reported.size >= maxTold) {
      reported.clear();
    }
    reported.add(key);
    const who = identity === undefined ? {} : { name, vcUuid, biosUuid };
    log(identity === undefined ? "info" : "warn", "a connection to the console concentrator is refused", {
      from,
      ...who,
      reason,
    });
  };
}

function isEqualSecret(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

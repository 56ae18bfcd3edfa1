/** TLS to a vSphere server: nothing is sent before its certificate has been checked. */
import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";

import { defined } from "../base/defined.js";
import { errorCode } from "../base/errors.js";
import { VimTransportError } from "./vimErrors.js";
import type { Viserver } from "./viserver.js";

/** Timeout for servers that do not answer, or accept a connection and then do not respond, ms. */
const handshakeTimeoutMs = 4_000;

export interface TlsConnectionOptions {
  readonly viserver: Viserver;
  /** PEM text of the trusted authorities; absent: the well-known ones. */
  readonly authorities?: readonly string[];
  /** Returns why the server is not trusted, or undefined. */
  readonly check: (socket: TLSSocket, certificate: X509Certificate | undefined) => VimTransportError | undefined;
}

/** Resolves with the socket if the server is trusted; else closes it and rejects with VimTransportError. */
export function openTlsConnection({ viserver, authorities, check }: TlsConnectionOptions): Promise<TLSSocket> {
  const { host, port } = viserver;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      // Node does not call checkServerIdentity for an untrusted chain, so check it here.
      rejectUnauthorized: false,
      ...defined({ ca: authorities && [...authorities] }),
      ...(isIP(host) === 0 && { servername: host }),
    });
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(transportError(error, viserver));
    };
    const timer = setTimeout(() => {
      const place = `${host} port ${port}`;
      const text = socket.connecting
        ? `cannot reach ${place}: no answer within ${handshakeTimeoutMs} ms`
        : `${place} did not complete the TLS handshake within ${handshakeTimeoutMs} ms`;
      fail(new VimTransportError("timeout", text));
    }, handshakeTimeoutMs);
    socket.once("error", fail);
    socket.once("secureConnect", () => {
      // Node 20 returns the certificate of a TLS 1.3 socket only once.
      const problem = check(socket, socket.getPeerX509Certificate());
      if (problem) {
        fail(problem);
        return;
      }
      clearTimeout(timer);
      socket.off("error", fail);
      resolve(socket);
    });
  });
}

/** Node's codes for a server that offers TLS 1.1 or older, or refuses our versions. */
const oldTls = /UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|NO_PROTOCOLS_AVAILABLE|VERSION_TOO_LOW/;

/** Maps Node's TLS errors to VimTransportError. */
export function transportError(error: Error, { host, port }: Viserver): VimTransportError {
  if (error instanceof VimTransportError) {
    return error;
  }
  const code = errorCode(error) ?? error.message;
  if (oldTls.test(code)) {
    return new VimTransportError(
      "protocol",
      `${host} port ${port} does not support TLS 1.2 or later: enable it there (vCenter and ESXi have it since 6.0 U3), or update it`,
    );
  }
  return new VimTransportError("unreachable", `cannot reach ${host} port ${port}: ${code}`);
}

/** Reads the server's current certificate without sending anything. Rejects with VimTransportError. */
export async function readCertificate(viserver: Viserver): Promise<X509Certificate> {
  const none = new VimTransportError("certificate", `${viserver.host} shows no certificate`);
  let shown: X509Certificate | undefined;
  const socket = await openTlsConnection({
    viserver,
    check: (_socket, certificate) => {
      shown = certificate;
      return certificate ? undefined : none;
    },
  });
  socket.destroy();
  if (!shown) {
    throw none;
  }
  return shown;
}

/** TLS to a vSphere server: whoever it is, nothing is sent before its certificate has been looked at. */
import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";

import { errorCode } from "../base/errors.js";
import { VimTransportError } from "./vimErrors.js";
import type { Viserver } from "./viserver.js";

/** What a server that accepts connections and then says nothing may take, ms. */
const handshakeTimeoutMs = 4_000;

export interface TlsConnectionOptions {
  readonly viserver: Viserver;
  /** PEM text of all authorities that vouch; absent: the well-known ones. */
  readonly authorities?: readonly string[];
  /** The error that says why the server is not trusted; undefined when it is. */
  readonly check: (socket: TLSSocket, certificate: X509Certificate | undefined) => VimTransportError | undefined;
}

/** Gives the socket when the server is trusted; rejects with VimTransportError, the socket closed. */
export function openTlsConnection({ viserver, authorities, check }: TlsConnectionOptions): Promise<TLSSocket> {
  const { host, port } = viserver;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      // checkServerIdentity is not called for an untrusted chain, so that the check is ours.
      rejectUnauthorized: false,
      ...(authorities && { ca: [...authorities] }),
      ...(isIP(host) === 0 && { servername: host }),
    });
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(transportError(error, viserver));
    };
    const timer = setTimeout(() => {
      fail(new VimTransportError("timeout", `${host} port ${port} opened no TLS session in ${handshakeTimeoutMs} ms`));
    }, handshakeTimeoutMs);
    socket.once("error", fail);
    socket.once("secureConnect", () => {
      // Node 20 gives the certificate of a TLS 1.3 socket only once.
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

/** Node's codes for a server that offers TLS 1.1 or older, or that refuses what we offer. */
const oldTls = /UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|NO_PROTOCOLS_AVAILABLE|VERSION_TOO_LOW/;

/** Errors of Node as ours. */
export function transportError(error: Error, { host, port }: Viserver): VimTransportError {
  if (error instanceof VimTransportError) {
    return error;
  }
  const code = errorCode(error) ?? error.message;
  if (oldTls.test(code)) {
    return new VimTransportError(
      "protocol",
      `${host} port ${port} speaks no TLS 1.2 or later: enable it there (vCenter and ESXi have it from 6.0 U3 on), or update it`,
    );
  }
  return new VimTransportError("unreachable", `cannot reach ${host} port ${port}: ${code}`);
}

/** The certificate that the server shows now; nothing is sent to it. Rejects with VimTransportError. */
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

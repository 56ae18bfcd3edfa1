/** Connections of a serial port to another host: TCP, or TLS from the first byte. */
import { connect, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";

import type { SerialAddress } from "./address.js";

const connectTimeoutMs = 5_000;

/** Rejects if nothing listens, or if the certificate is not the expected one. */
export function dial(address: SerialAddress): Promise<Socket> {
  const { host, port, isTls, isVerified } = address;
  return new Promise((resolve, reject) => {
    const to = { host: host === "" ? "127.0.0.1" : host, port };
    const socket = isTls ? connectTls({ ...to, rejectUnauthorized: isVerified }) : connect(to);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    const timer = setTimeout(() => socket.destroy(new Error("no answer")), connectTimeoutMs);
    const onError = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    socket.once("error", onError);
    socket.once(isTls ? "secureConnect" : "connect", () => {
      clearTimeout(timer);
      socket.removeListener("error", onError);
      // The caller listens for `close`, which follows.
      socket.on("error", () => undefined);
      if (isTls && !hasThumbprint(socket as TLSSocket, address)) {
        socket.destroy();
        reject(new Error("the certificate has another thumbprint"));
      } else {
        resolve(socket);
      }
    });
  });
}

function hasThumbprint(socket: TLSSocket, { thumbprint }: SerialAddress): boolean {
  const certificate = socket.getPeerX509Certificate();
  const shown = [certificate?.fingerprint, certificate?.fingerprint256].map((text) =>
    text?.replace(/:/g, "").toLowerCase(),
  );
  return thumbprint === undefined || shown.includes(thumbprint);
}

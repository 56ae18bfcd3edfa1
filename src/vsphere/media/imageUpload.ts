/** An image that a browser sends through the page: it can be read once, over HTTP on a Unix socket of the web process. */
import { type IncomingMessage, request } from "node:http";

import { MachineError } from "../../model/machine/errors.js";
import type { ImageSourceOptions, OpenImage } from "./imageSource.js";
import { tooLarge } from "./imageSource.js";

const interrupted = "the upload was interrupted: start it again";

/** Throws MachineError. */
export async function openUpload(socketPath: string, { policy, signal }: ImageSourceOptions): Promise<OpenImage> {
  const body = await get(socketPath, signal);
  const totalBytes = Number(body.headers["content-length"]);
  if (body.statusCode !== 200 || totalBytes > policy.maxBytes) {
    body.destroy();
    throw new MachineError("badImage", body.statusCode === 200 ? tooLarge(policy.maxBytes) : interrupted);
  }
  return { body, totalBytes, validator: undefined };
}

function get(socketPath: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path: "/", agent: false, signal }, resolve);
    sent.on("error", () => reject(new MachineError("badImage", interrupted)));
    sent.end();
  });
}

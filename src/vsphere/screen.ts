/** A picture of a VM's screen: `GET /screen?id=MOID` of the server, with the session's cookie. */
import type { IncomingMessage } from "node:http";
import { request } from "node:https";

import { MachineError } from "../model/machine/errors.js";
import type { MoRef } from "./moRef.js";
import type { VimSession } from "./session.js";
import { VimTransportError } from "./vimErrors.js";

/** A screen of 4K with much on it. */
const maxPictureBytes = 8 * 1_024 * 1_024;

/** PNG. Throws MachineError or VimTransportError. */
export async function readScreen(
  { transport }: VimSession,
  reference: MoRef,
  isOn: boolean,
  timeoutMs: number,
): Promise<Buffer> {
  if (!isOn) {
    throw new MachineError("invalidState", "the VM is off: it has no screen");
  }
  const socket = await transport.openSocket();
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request({
        createConnection: () => socket,
        path: `/screen?id=${encodeURIComponent(reference.value)}`,
        headers: { Host: transport.authority, Cookie: transport.cookie() ?? "", Connection: "close" },
        timeout: timeoutMs,
      });
      sent.once("response", resolve);
      sent.once("timeout", () => sent.destroy(new Error("no answer")));
      sent.once("error", ({ message }) =>
        reject(
          new VimTransportError("unreachable", `${transport.authority} sends no picture of the screen: ${message}`),
        ),
      );
      sent.end();
    });
    return await readPicture(response);
  } finally {
    socket.destroy();
  }
}

async function readPicture(response: IncomingMessage): Promise<Buffer> {
  const { statusCode = 0, headers } = response;
  if (statusCode === 401 || statusCode === 403) {
    throw new MachineError(
      "denied",
      "the vSphere account may not see the screen: it needs VirtualMachine.Interact.ConsoleInteract",
    );
  }
  if (statusCode !== 200 || !(headers["content-type"] ?? "").startsWith("image/png")) {
    throw new MachineError("unsupported", `the server has no picture of the screen (HTTP status ${statusCode})`);
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxPictureBytes) {
      throw new MachineError("unsupported", "the picture of the screen is too large");
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Sessions at a server whose every answer is a recording of config.hardware.device. */
import { readFileSync } from "node:fs";
import path from "node:path";

import type { VimSession } from "../../src/vsphere/session.js";
import { createVimClient } from "../../src/vsphere/vimClient.js";
import { inRepository } from "./repository.js";

export const recordedMachine = { type: "VirtualMachine", value: "vm-1" };

/** @param file in test/vsphere/real/devices */
export async function sessionOf(file: string): Promise<VimSession> {
  const body = readFileSync(inRepository(path.join("test/vsphere/real/devices", file)), "utf8");
  const client = await createVimClient({
    request: (_url, _data, callback) =>
      callback(null, { status: 200, headers: { "content-type": "text/xml" }, data: body }, body),
    dropCookie: () => undefined,
    fingerprint: () => undefined,
    cookie: () => undefined,
    openSocket: () => Promise.reject(new Error("nothing is recorded of files")),
    authority: "recorded",
    close: () => undefined,
  });
  return { call: client.call, content: { propertyCollector: recordedMachine } } as unknown as VimSession;
}

/** A vSphere server that answers with recorded bodies, method by method, and our own client and session at it. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";

import { generate } from "selfsigned";

import { createHttpClient } from "../../src/vsphere/httpClient.js";
import { openSession, type VimSession } from "../../src/vsphere/session.js";
import { createVimClient, type VimClient } from "../../src/vsphere/vimClient.js";
import { inRepository } from "./repository.js";

export interface RecordedServer {
  readonly client: VimClient;
  readonly openSession: () => Promise<VimSession>;
  /** Names of the methods that were called, in order. */
  readonly calls: readonly string[];
  readonly close: () => Promise<void>;
}

/** A file below test/vsphere/recorded. */
export function recorded(name: string): string {
  return readFileSync(inRepository("test/vsphere/recorded", name), "utf8");
}

/** The body of an answer without a recording. */
export function envelope(content: string): string {
  return (
    `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ` +
    `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>${content}</soapenv:Body></soapenv:Envelope>`
  );
}

/** An answer of `method` that gives a managed object. */
export function reference(method: string, type: string, value: string): string {
  return envelope(
    `<${method}Response xmlns="urn:vim25"><returnval type="${type}">${value}</returnval></${method}Response>`,
  );
}

const references = ["rootFolder Folder", "propertyCollector PropertyCollector", "viewManager ViewManager"]
  .concat("sessionManager SessionManager", "searchIndex SearchIndex")
  .map((pair) => pair.split(" ") as [string, string])
  .map(([field, type]) => `<${field} type="${type}">${field}</${field}>`)
  .join("");

const usual: Readonly<Record<string, readonly string[]>> = {
  RetrieveServiceContent: [
    envelope(
      `<RetrieveServiceContentResponse xmlns="urn:vim25"><returnval>${references}</returnval></RetrieveServiceContentResponse>`,
    ),
  ],
  Login: [envelope(`<LoginResponse xmlns="urn:vim25"><returnval><key>k</key></returnval></LoginResponse>`)],
};

/** `answers` are bodies by method, given in turn, the last one again and again; a body with a Fault goes with HTTP 500. */
export async function startRecordedServer(
  answers: Readonly<Record<string, readonly string[]>>,
): Promise<RecordedServer> {
  const { private: key, cert } = await generate([{ name: "commonName", value: "recorded" }], {
    keyType: "ec",
    algorithm: "sha256",
  });
  const all = { ...usual, ...answers };
  const calls: string[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      const method = /<soap:Body>\s*<(?:\w+:)?(\w+)/.exec(body)?.[1] ?? "";
      const nth = calls.filter((called) => called === method).length;
      calls.push(method);
      const bodies = all[method] ?? [envelope(`<${method}Response xmlns="urn:vim25"/>`)];
      const answer = bodies[nth] ?? bodies.at(-1) ?? "";
      const status = /:Fault>/.test(answer) ? 500 : 200;
      response.writeHead(status, { "Content-Type": "text/xml; charset=utf-8" }).end(answer);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const http = createHttpClient({ viserver: { host: "127.0.0.1", port }, trust: { remembered: () => undefined } });
  const client = await createVimClient(http);
  return {
    client,
    openSession: () => openSession(client, { username: "vbmc", password: "secret" }),
    calls,
    close: async () => {
      http.close();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

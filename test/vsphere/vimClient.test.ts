/** The traps of SOAP and HTTP, each with a server of its own that springs it; what it is sent is looked at as text. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, before, test } from "node:test";
import { inspect } from "node:util";

import { generate } from "selfsigned";

import { createHttpClient } from "../../src/vsphere/httpClient.js";
import { readProperties } from "../../src/vsphere/properties.js";
import { openSession } from "../../src/vsphere/session.js";
import { fieldOf, listOf, textOf, typeOf } from "../../src/vsphere/soapValue.js";
import { createVimClient, type VimClient } from "../../src/vsphere/vimClient.js";

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

interface Served {
  readonly client: VimClient;
  readonly requests: { readonly body: string; readonly cookie: string | undefined; readonly socket: Socket }[];
}

let certificate: Awaited<ReturnType<typeof generate>>;
before(async () => {
  certificate = await generate([{ name: "commonName", value: "trap" }], { keyType: "ec", algorithm: "sha256" });
});
const vm = { type: "VirtualMachine", value: "vm-1" };

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  closing = [];
});

/** A server that gives the answers in turn, the last one forever. */
async function serve(...answers: readonly [Answer, ...Answer[]]): Promise<Served> {
  const requests: Served["requests"] = [];
  const server = createServer({ key: certificate.private, cert: certificate.cert }, (request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      requests.push({ body, cookie: request.headers.cookie, socket: request.socket });
      (answers[requests.length - 1] ?? answers.at(-1) ?? answers[0])(response, request);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const http = createHttpClient({ viserver: { host: "127.0.0.1", port }, trust: { remembered: () => undefined } });
  closing.push(async () => {
    http.close();
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  });
  return { client: await createVimClient(http), requests };
}

/** @param xsi the prefix that the server has for XMLSchema-instance */
function envelope(content: string, status = 200, xsi = "xsi"): Answer {
  return (response) =>
    response
      .writeHead(status, { "Content-Type": "text/xml; charset=utf-8" })
      .end(
        `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"` +
          ` xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:${xsi}="http://www.w3.org/2001/XMLSchema-instance">` +
          `<soapenv:Body>${content}</soapenv:Body></soapenv:Envelope>`,
      );
}

function returned(method: string, values: string, xsi?: string): Answer {
  return envelope(`<${method}Response xmlns="urn:vim25">${values}</${method}Response>`, 200, xsi);
}

function properties(content: string, xsi?: string): Answer {
  const object = `<objects><obj type="VirtualMachine">vm-1</obj>${content}</objects>`;
  return returned("RetrievePropertiesEx", `<returnval>${object}</returnval>`, xsi);
}

function nameProperty(value: string): Answer {
  return properties(`<propSet><name>name</name><val xsi:type="xsd:string">${value}</val></propSet>`);
}

const loginAnswer: Answer = returned("Login", "<returnval><key>k</key></returnval>");
const contentAnswer: Answer = returned(
  "RetrieveServiceContent",
  `<returnval>${["rootFolder", "propertyCollector", "viewManager", "sessionManager", "searchIndex"]
    .map((name) => `<${name} type="M">${name}</${name}>`)
    .join("")}</returnval>`,
);

async function nameOf({ client }: Served): Promise<string | undefined> {
  const result = await client.call("RetrievePropertiesEx", vm, { specSet: [], options: {} });
  const [property] = listOf(fieldOf(listOf(fieldOf(result, "objects"))[0], "propSet"));
  return textOf(fieldOf(property, "val"));
}

test("blanks around a text and an empty text arrive as they are", async () => {
  const texts = [" lead", "trail ", " ", "   ", "", "a &amp; b &lt;c&gt;"];
  const served = await serve(nameProperty(texts[0] ?? ""), ...texts.slice(1).map(nameProperty));
  for (const text of [" lead", "trail ", " ", "   ", "", "a & b <c>"]) {
    assert.equal(await nameOf(served), text);
  }
});

for (const [meant, sent] of [
  ["<![CDATA[x]]>", "&lt;![CDATA[x]]&gt;"],
  ["<![CDATA[a&b<c>\r", "&lt;![CDATA[a&amp;b&lt;c&gt;&#xD;"],
  [" a&b<c>]]>\r", " a&amp;b&lt;c&gt;]]&gt;&#xD;"],
  ["", ""],
  ["  ", "  "],
] as const) {
  test(`the text ${JSON.stringify(meant)} is sent as well-formed character data (XML 1.0 §2.4)`, async () => {
    const { client, requests } = await serve(loginAnswer);
    await client.call("Login", vm, { userName: "u", password: meant });
    const [, password] = /<(?:\w+:)?password>([^]*)<\/(?:\w+:)?password>/.exec(requests[0]?.body ?? "") ?? [];
    assert.equal(password, sent, requests[0]?.body);
  });
}

test("characters that XML cannot write are refused in words without the text, and nothing is sent (XML 1.0 §2.2)", async () => {
  const { client, requests } = await serve(loginAnswer);
  for (const character of ["\0", "\u0007", "\u001b", "\ud800", "\uffff"]) {
    const refused = client.call("Login", vm, { userName: "u", password: `secret${character}` });
    await assert.rejects(refused, (error: Error) => {
      assert.match(error.message, /control character/);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  }
  assert.equal(requests.length, 0);
});

test("an array of one is an array", async () => {
  const served = await serve(nameProperty("one"));
  const result = await served.client.call("RetrievePropertiesEx", vm, { specSet: [], options: {} });
  const objects = fieldOf(result, "objects");
  assert.ok(Array.isArray(objects) && objects.length === 1);
  assert.ok(Array.isArray(fieldOf(objects[0], "propSet")));
});

for (const xsi of ["xsi", "XMLSchema-instance", "_XMLSchema-instance", "i"]) {
  test(`the type of a value is known whatever the prefix, here ${xsi}`, async () => {
    const val = `<val ${xsi}:type="VirtualMachineBootOptions"><bootOrder ${xsi}:type="Disk"/></val>`;
    const { client } = await serve(properties(`<propSet><name>o</name>${val}</propSet>`, xsi));
    const result = await client.call("RetrievePropertiesEx", vm, { specSet: [], options: {} });
    const [property] = listOf(fieldOf(listOf(fieldOf(result, "objects"))[0], "propSet"));
    assert.equal(typeOf(fieldOf(property, "val")), "VirtualMachineBootOptions");
    assert.equal(typeOf(listOf(fieldOf(fieldOf(property, "val"), "bootOrder"))[0]), "Disk");
  });

  test(`a fault has the name of its type whatever the prefix, here ${xsi}`, async () => {
    const detail = `<InvalidPowerStateFault xmlns="urn:vim25" ${xsi}:type="InvalidPowerState"><existingState>poweredOn</existingState></InvalidPowerStateFault>`;
    const fault = `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>no</faultstring><detail>${detail}</detail></soapenv:Fault>`;
    const { client } = await serve(envelope(fault, 500, xsi));
    await assert.rejects(client.call("PowerOnVM_Task", vm), { fault: "InvalidPowerState", message: /: no$/ });
  });
}

for (const [name, answer, words] of [
  ["HTTP 200 without a body", (response) => response.writeHead(200).end(), /HTTP 200 without a SOAP envelope/],
  [
    "HTTP 200 without a body that calls itself XML",
    (response) => response.writeHead(200, { "Content-Type": "text/xml" }).end(),
    /HTTP 200 without a SOAP envelope/,
  ],
  ["a redirect", (response) => response.writeHead(302, { Location: "/ui/" }).end(), /HTTP 302/],
  [
    "HTTP 503 with a page of HTML",
    (response) => response.writeHead(503, { "Content-Type": "text/html" }).end("<html>Envelope</html>"),
    /HTTP 503/,
  ],
  ["HTTP 401", (response) => response.writeHead(401).end(), /HTTP 401/],
  [
    "JSON",
    (response) => response.writeHead(200, { "Content-Type": "application/json" }).end('{"Envelope":1}'),
    /HTTP 200 without a SOAP envelope/,
  ],
  [
    "XML that breaks off",
    (response) => response.writeHead(200, { "Content-Type": "text/xml" }).end("<soapenv:Envelope><a>"),
    /is not a valid vSphere response/,
  ],
] as const satisfies readonly (readonly [string, Answer, RegExp])[]) {
  test(`${name} is no answer, and its error holds nothing of the request`, async () => {
    const { client } = await serve(answer);
    const call = client.call("Login", vm, { userName: "u", password: "the secret" });
    await assert.rejects(call, (error: Error) => {
      assert.equal((error as { problem?: string }).problem, "badResponse");
      assert.match(error.message, words);
      assert.doesNotMatch(inspect(error, { depth: Infinity, showHidden: true }), /the secret/);
      return true;
    });
  });
}

const reset: Answer = (_response, request) => request.socket.destroy();

test("a kept connection that is reset: the call is made again; a reset of a new connection is reported", async () => {
  const { client, requests } = await serve(loginAnswer, reset, loginAnswer);
  await client.call("Login", vm, { userName: "u", password: "p" });
  await client.call("Login", vm, { userName: "u", password: "p" });
  assert.equal(requests.length, 3);
  assert.equal(requests[0]?.socket, requests[1]?.socket);
  assert.notEqual(requests[1]?.socket, requests[2]?.socket);

  const fresh = await serve(reset);
  await assert.rejects(fresh.client.call("Login", vm, { userName: "u", password: "p" }), { problem: "unreachable" });
  assert.equal(fresh.requests.length, 1);
});

test("ResetVM_Task and SendNMI are sent once at most, over a connection of their own", async () => {
  const { client, requests } = await serve(loginAnswer, reset);
  await client.call("Login", vm, { userName: "u", password: "p" });
  for (const method of ["ResetVM_Task", "SendNMI"]) {
    await assert.rejects(client.call(method, vm), { problem: "unreachable" });
  }
  assert.equal(requests.length, 3);
  assert.equal(new Set(requests.map(({ socket }) => socket)).size, 3);
});

test("NotAuthenticated told per property, with the call a success, is an expired session: one login and the call again", async () => {
  const missing =
    `<missingSet><path>name</path><fault><fault xsi:type="NotAuthenticated"/>` +
    `<localizedMessage>not authenticated</localizedMessage></fault></missingSet>`;
  const login: Answer = (response, request) => {
    response.setHeader("Set-Cookie", 'vmware_soap_session="abc"; Path=/');
    loginAnswer(response, request);
  };
  const logoutAnswer = returned("Logout", "");
  const served = await serve(contentAnswer, login, properties(missing), logoutAnswer, login, nameProperty("back"));
  const session = await openSession(served.client, { username: "u", password: "p" });
  assert.equal(textOf((await readProperties(session, vm, ["name"])).get("name")), "back");
  // The quotes are part of the value; a login that carries a session would be refused.
  const quoted = 'vmware_soap_session="abc"';
  assert.deepEqual(
    served.requests.map(({ cookie }) => cookie),
    [undefined, undefined, quoted, quoted, undefined, quoted],
  );
});

test("proxies of the environment get no connection", async () => {
  const { createServer: createTcpServer } = await import("node:net");
  let connections = 0;
  const proxy = createTcpServer((socket) => {
    connections++;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  closing.push(() => Promise.resolve(proxy.close()));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const before = process.env;
  process.env = { ...before, HTTPS_PROXY: url, https_proxy: url, ALL_PROXY: url, all_proxy: url, HTTP_PROXY: url };
  try {
    const { client, requests } = await serve(loginAnswer);
    await client.call("Login", vm, { userName: "u", password: "p" });
    assert.deepEqual([requests.length, connections], [1, 0]);
  } finally {
    process.env = before;
  }
});

import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { curveKeyPair, Dealer, Request } from "zeromq";

import { ControlError, controlRequest } from "../../src/control/client.js";
import { ensureControlKeys, findKeysDamage, readControlKeys } from "../../src/control/keys.js";
import type { ControlRequest, ControlResponse } from "../../src/control/messages.js";
import { type ControlServer, type ServerAuth, startControlServer } from "../../src/control/server.js";
import { freeTcpPort } from "../support/ports.js";

const seen: ControlRequest[] = [];

function startServer(
  auth: ServerAuth,
  handle?: (request: ControlRequest) => Promise<ControlResponse>,
): Promise<ControlServer> {
  return startControlServer({
    port: 0,
    auth,
    handle: handle ?? ((request) => Promise.resolve({ rc: 0, msg: [String(seen.push(request))] })),
    log: () => undefined,
  });
}

/** Sends raw frames as a REQ client would and gives the reply's text. */
async function ask(port: number, frames: readonly (string | Buffer)[]): Promise<unknown> {
  const socket = new Request({ linger: 0, receiveTimeout: 10_000 });
  try {
    socket.connect(`tcp://127.0.0.1:${port}`);
    await socket.send([...frames]);
    const [reply] = await socket.receive();
    return JSON.parse(String(reply));
  } finally {
    socket.close();
  }
}

const list = { command: "list", fakemac: false };

describe("the plain control socket", () => {
  let server: ControlServer;
  before(async () => {
    server = await startServer({ mode: "none" });
  });
  after(() => server.close());

  const oddRequests: readonly (readonly [string, readonly (string | Buffer)[], RegExp])[] = [
    ["an empty object", ["{}"], /Unknown command/],
    ["an empty array", ["[]"], /Unknown command/],
    ["null", ["null"], /Unknown command/],
    ["an empty message", [""], /not JSON/],
    ["no JSON", ["list"], /not JSON/],
    ["bad UTF-8", [Buffer.from([0x22, 0xff, 0x22])], /not JSON/],
    ["an unknown command", ['{"command":"explode"}'], /Unknown command/],
    ["a command that is no text", ['{"command":{}}'], /Unknown command/],
    ["a start without names", ['{"command":"start"}'], /vm_names/],
    ["a start with names that are no texts", ['{"command":"start","vm_names":[1]}'], /vm_names/],
    ["a port that is no integer", ['{"command":"add","vm_name":"a","port":"x"}'], /Invalid add request/],
    ["1,000 parts", Array.from({ length: 1_000 }, () => "x"), /one message part, but this one has 1000/],
  ];
  for (const [what, frames, expected] of oddRequests) {
    test(`${what} gets an answer that says what is wrong`, async () => {
      const reply = (await ask(server.port, frames)) as ControlResponse;
      assert.equal(reply.rc, 1);
      assert.match(String(reply.msg), expected);
    });
  }

  test("a request of 10 MB is answered with the bound", async () => {
    const reply = (await ask(server.port, [Buffer.alloc(10 * 1024 * 1024, "x")])) as ControlResponse;
    assert.match(String(reply.msg), /must not be longer than 1048576 bytes/);
  });

  test("a request of 40 MB closes its own connection and the socket serves on", async () => {
    const socket = new Request({ linger: 0 });
    socket.connect(`tcp://127.0.0.1:${server.port}`);
    await socket.send(Buffer.alloc(40 * 1024 * 1024, "x"));
    assert.equal(((await ask(server.port, [JSON.stringify(list)])) as ControlResponse).rc, 0);
    socket.close();
  });

  test("an error text repeats no value of the request, which may be a password", async () => {
    const reply = await ask(server.port, ['{"command":"add","vm_name":"a","password":["s3cret"]}']);
    assert.ok(!JSON.stringify(reply).includes("s3cret"));
  });

  test("200 clients at once are all answered", async () => {
    const options = { port: server.port, auth: { mode: "none" }, timeoutMs: 30_000 } as const;
    const replies = await Promise.all(Array.from({ length: 200 }, () => controlRequest(list, options)));
    assert.ok(replies.every(({ rc }) => rc === 0));
  });

  test("a client that never reads disturbs no other", async () => {
    const mute = new Dealer({ linger: 0, receiveHighWaterMark: 1, sendHighWaterMark: 0 });
    mute.connect(`tcp://127.0.0.1:${server.port}`);
    for (let count = 0; count < 5_000; count++) {
      await mute.send(["", JSON.stringify(list)]);
    }
    assert.equal(((await ask(server.port, [JSON.stringify(list)])) as ControlResponse).rc, 0);
    mute.close();
  });

  test("a slow command holds up no other", async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const slow = await startServer({ mode: "none" }, async (request) => {
      if (request.command === "start") {
        await released;
      }
      return { rc: 0 };
    });
    const pending = ask(slow.port, ['{"command":"start","vm_names":["a"]}']);
    assert.deepEqual(await ask(slow.port, [JSON.stringify(list)]), { rc: 0 });
    release();
    assert.deepEqual(await pending, { rc: 0 });
    slow.close();
  });

  test("a handler that fails is reported as a failure, without its reason", async () => {
    const failing = await startServer({ mode: "none" }, () => Promise.reject(new Error("inner detail")));
    const reply = (await ask(failing.port, [JSON.stringify(list)])) as ControlResponse;
    assert.equal(reply.rc, 1);
    assert.ok(!String(reply.msg).includes("inner detail"));
    failing.close();
  });

  test("a port that is taken is refused with a text that names it", async () => {
    const options = { auth: { mode: "none" }, handle: () => Promise.resolve({ rc: 0 }), log: () => undefined } as const;
    await assert.rejects(
      startControlServer({ port: server.port, ...options }),
      new RegExp(`port ${server.port} .* in use`),
    );
  });
});

describe("the control socket under CURVE", () => {
  let directory: string;
  let server: ControlServer;
  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "vbmc-control-"));
    server = await startServer({ mode: "curve", keyDirectory: directory });
  });
  after(async () => {
    server.close();
    await rm(directory, { recursive: true });
  });

  test("the keys are one file that only its owner can read, and stay the same", async () => {
    const files = await readdir(directory);
    assert.deepEqual(files, [".control-keys.json"]);
    assert.equal((await stat(path.join(directory, ".control-keys.json"))).mode & 0o777, 0o600);
  });

  test("keys that ZeroMQ does not take, or that do not belong together, are renamed for new ones", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "vbmc-keys-"));
    const file = path.join(folder, ".control-keys.json");
    const [server, client, other] = [curveKeyPair(), curveKeyPair(), curveKeyPair()];
    const short = { publicKey: "short", secretKey: "" };
    const foreign = { ...server, publicKey: `é${server.publicKey.slice(1)}` };
    const tooLarge = { ...server, publicKey: "#".repeat(40) };
    const mixed = { ...server, publicKey: other.publicKey };
    for (const damaged of [short, foreign, tooLarge, mixed]) {
      await writeFile(file, JSON.stringify({ server: damaged, client }));
      const warnings: string[] = [];
      const keys = await ensureControlKeys(folder, curveKeyPair, (message) => warnings.push(message));
      assert.match(warnings.join("\n"), /were damaged: the file was renamed, and new keys were created$/);
      assert.deepEqual(await readControlKeys(folder), keys);
      assert.notDeepEqual(keys.server, damaged);
    }
    await rm(folder, { recursive: true });
  });

  test("a client whose keys ZeroMQ does not take, or do not belong together, says so instead of a timeout", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "vbmc-keys-"));
    const [client, other] = [curveKeyPair(), curveKeyPair()];
    const keys = (await readControlKeys(directory))!;
    for (const damaged of [
      { ...client, publicKey: other.publicKey },
      { ...client, secretKey: "#".repeat(40) },
    ]) {
      await writeFile(path.join(folder, ".control-keys.json"), JSON.stringify({ ...keys, client: damaged }));
      const options = {
        port: server.port,
        auth: { mode: "curve", keys: await readControlKeys(folder) },
        timeoutMs: 700,
        whyUnanswered: () => findKeysDamage(folder),
      } as const;
      await assert.rejects(controlRequest(list, options), /it is damaged; restart vbmcd to make new ones$/);
    }
    assert.equal(await findKeysDamage(directory), undefined);
    await rm(folder, { recursive: true });
  });

  test("a client with the keys is answered", async () => {
    const keys = await readControlKeys(directory);
    const options = { port: server.port, auth: { mode: "curve", keys }, timeoutMs: 30_000 } as const;
    assert.equal((await controlRequest(list, options)).rc, 0);
  });

  test("a client with keys of its own, which knows the server's public key, is not served", async () => {
    const keys = await readControlKeys(directory);
    const count = seen.length;
    const stranger = { server: keys!.server, client: curveKeyPair() };
    const options = { port: server.port, auth: { mode: "curve", keys: stranger }, timeoutMs: 700 } as const;
    await assert.rejects(controlRequest(list, options), ControlError);
    assert.equal(seen.length, count);
  });

  test("a plain client is not served", async () => {
    const options = { port: server.port, auth: { mode: "none" }, timeoutMs: 700 } as const;
    await assert.rejects(controlRequest(list, options), /Server response timed out/);
  });

  test("a client without keys gets an error that says so", async () => {
    const options = { port: server.port, auth: { mode: "curve", keys: undefined }, timeoutMs: 700 } as const;
    await assert.rejects(controlRequest(list, options), /keys of the control socket are missing/);
  });
});

test("nothing listening is reported at once, with how to start the daemon", async () => {
  const options = { port: await freeTcpPort(), auth: { mode: "none" }, timeoutMs: 60_000 } as const;
  await assert.rejects(controlRequest(list, options), /Failed to connect to the vbmcd server on port \d+, .*vbmcd$/);
});

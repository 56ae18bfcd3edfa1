import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import path from "node:path";
import { after, test } from "node:test";

import { type ConsoleListener, openConsoleStream } from "../../../src/io/console/consoleStream.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const folder = temporaryFolder();
const servers: Server[] = [];
const sockets: Socket[] = [];
after(() => {
  sockets.forEach((socket) => socket.destroy());
  servers.forEach((server) => server.close());
});

const hello = '{"key":"one-time"}';
const welcome = '{"connected":true,"isWriter":true,"watchers":[]}';

/** Bytes written by hand, as the console process would send them. */
function frame(type: number, payload: Buffer | string): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt8(type);
  header.writeUInt32BE(Buffer.byteLength(payload), 1);
  return Buffer.concat([header, Buffer.from(payload)]);
}

async function listening(name: string): Promise<{ socketPath: string; accepted: Promise<Socket> }> {
  const socketPath = path.join(folder, name);
  const server = createServer().listen(socketPath);
  servers.push(server);
  await once(server, "listening");
  const accepted = once(server, "connection").then(([socket]) => {
    sockets.push(socket as Socket);
    return socket as Socket;
  });
  return { socketPath, accepted };
}

async function bytesOf(socket: Socket, count: number): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  while (bytes.length < count) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    bytes = Buffer.concat([bytes, chunk]);
  }
  return bytes;
}

interface Recorder extends ConsoleListener {
  readonly seen: string[];
  readonly until: (text: string) => Promise<void>;
}

function recorder(): Recorder {
  const seen: string[] = [];
  const waiting: { text: string; resolve: () => void }[] = [];
  const add = (text: string): void => {
    seen.push(text);
    waiting.filter((each) => seen.includes(each.text)).forEach(({ resolve }) => resolve());
  };
  return {
    seen,
    until: (text) =>
      new Promise((resolve) => {
        waiting.push({ text, resolve });
        if (seen.includes(text)) {
          resolve();
        }
      }),
    onData: (bytes) => add(`data ${bytes.toString()}`),
    onStatus: ({ connected, isWriter }) => add(`status ${connected} ${isWriter}`),
    onOverrun: (skipped) => add(`overrun ${skipped}`),
    onDrain: () => add("drain"),
    onEnd: ({ reason, message }) => add(`end ${reason} ${message}`),
  };
}

test("a stream says hello with its key, and passes what comes in its order", async () => {
  const { socketPath, accepted } = await listening("order");
  const listener = recorder();
  const opening = openConsoleStream({ socketPath, key: "one-time", listener, timeoutMs: 5_000 });
  const server = await accepted;
  assert.deepEqual(await bytesOf(server, 5 + hello.length), frame(1, hello));
  server.write(
    Buffer.concat([
      frame(6, welcome),
      frame(2, "login: "),
      frame(8, Buffer.from("0000000000000102", "hex")),
      frame(2, "more"),
      frame(7, welcome.replace("true", "false")),
    ]),
  );
  const stream = await opening;
  await listener.until("status false true");
  assert.deepEqual(listener.seen, [
    "status true true",
    "data login: ",
    "overrun 258",
    "data more",
    "status false true",
  ]);
  stream.write(Buffer.from("root\r"));
  stream.sendBreak();
  stream.take();
  stream.release();
  const expected = Buffer.concat([frame(2, "root\r"), frame(3, ""), frame(4, ""), frame(5, "")]);
  assert.deepEqual(await bytesOf(server, expected.length), expected);
  server.end(frame(9, '{"reason":"withdrawn","message":"the BMC was stopped"}'));
  await listener.until("end withdrawn the BMC was stopped");
});

test("what is written before closing arrives", async () => {
  const { socketPath, accepted } = await listening("closing");
  const listener = recorder();
  const opening = openConsoleStream({ socketPath, key: "one-time", listener, timeoutMs: 5_000 });
  const server = await accepted;
  server.write(frame(6, welcome));
  const stream = await opening;
  stream.write(Buffer.from("bye"));
  stream.close();
  const expected = Buffer.concat([frame(1, hello), frame(2, "bye")]);
  assert.deepEqual(await bytesOf(server, expected.length), expected);
  await once(server, "close");
  assert.deepEqual(listener.seen, ["status true true"], "a stream that was closed says no more");
});

test("write says when to wait, drain when to go on, and what was written meanwhile arrives in its order", async () => {
  const { socketPath, accepted } = await listening("full");
  const listener = recorder();
  const opening = openConsoleStream({ socketPath, key: "one-time", listener, timeoutMs: 5_000 });
  const server = await accepted;
  await bytesOf(server, 5 + hello.length);
  server.write(frame(6, welcome));
  const stream = await opening;
  assert.equal(stream.write(Buffer.alloc(65_535, "a")), true);
  assert.equal(stream.write(Buffer.from("bc")), false, "64 KB may be on their way");
  stream.sendBreak();
  stream.write(Buffer.from("d"));
  const first = Buffer.concat([frame(2, Buffer.alloc(65_535, "a")), frame(2, "b")]);
  assert.deepEqual(await bytesOf(server, first.length), first);
  assert.ok(!listener.seen.includes("drain"));
  server.write(frame(10, Buffer.from("00010000", "hex")));
  const rest = Buffer.concat([frame(2, "c"), frame(3, ""), frame(2, "d")]);
  assert.deepEqual(await bytesOf(server, rest.length), rest);
  await listener.until("drain");
  stream.close();
});

test("the console process hears what has been taken", async () => {
  const { socketPath, accepted } = await listening("progress");
  const opening = openConsoleStream({ socketPath, key: "one-time", listener: recorder(), timeoutMs: 5_000 });
  const server = await accepted;
  await bytesOf(server, 5 + hello.length);
  server.write(Buffer.concat([frame(6, welcome), frame(2, Buffer.alloc(3_000)), frame(2, Buffer.alloc(1_100))]));
  const progress = frame(10, Buffer.from("00001004", "hex"));
  assert.deepEqual(await bytesOf(server, progress.length), progress);
  (await opening).close();
});

test("a paused stream holds the peer back", async () => {
  const { socketPath, accepted } = await listening("paused");
  let received = 0;
  let told = (): void => undefined;
  const listener = {
    ...recorder(),
    onData: ({ length }: Buffer) => {
      received += length;
      told();
    },
  };
  const opening = openConsoleStream({ socketPath, key: "one-time", listener, timeoutMs: 5_000 });
  const server = await accepted;
  server.write(frame(6, welcome));
  const stream = await opening;
  stream.pause();
  let sent = 0;
  while (server.write(frame(2, Buffer.alloc(65_536)))) {
    sent += 65_536;
    assert.ok(sent < 8_000_000, "a stream that is paused is noticed");
  }
  assert.equal(received, 0);
  const all = new Promise<void>((resolve) => {
    told = () => {
      if (received === sent + 65_536) {
        resolve();
      }
    };
  });
  stream.resume();
  await all;
  stream.close();
});

test("a refused key, a silent process and none at all are errors that say what to do", async () => {
  const refusing = await listening("refusing");
  const refused = openConsoleStream({ ...refusing, key: "old", listener: recorder(), timeoutMs: 5_000 });
  (await refusing.accepted).end(frame(9, '{"reason":"refused","message":"the key is unknown"}'));
  await assert.rejects(refused, { message: "the key is unknown" });

  const silent = await listening("silent");
  const waiting = openConsoleStream({ ...silent, key: "one-time", listener: recorder(), timeoutMs: 50 });
  await assert.rejects(waiting, /does not answer: try again/);

  const absent = openConsoleStream({
    socketPath: path.join(folder, "absent"),
    key: "one-time",
    listener: recorder(),
    timeoutMs: 5_000,
  });
  await assert.rejects(absent, /is not running: see the daemon's log/);
});

test("bytes that are no frames, and a connection that breaks, end the stream with a reason", async () => {
  const { socketPath, accepted } = await listening("strange");
  const listener = recorder();
  const opening = openConsoleStream({ socketPath, key: "one-time", listener, timeoutMs: 5_000 });
  const server = await accepted;
  server.write(frame(6, welcome));
  await opening;
  server.write(frame(77, "?"));
  await listener.until("end protocol the console process sent what cannot be read: a frame has the unknown type 77");

  const breaking = await listening("breaking");
  const last = recorder();
  const second = openConsoleStream({ ...breaking, key: "one-time", listener: last, timeoutMs: 5_000 });
  const peer = await breaking.accepted;
  await bytesOf(peer, 5 + hello.length);
  peer.write(frame(6, welcome));
  await second;
  peer.destroy();
  await last.until("end lost the console process closed the connection");
});

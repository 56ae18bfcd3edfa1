/** The client beside a daemon that comes, goes, or is busy (issue I3, I9). */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { test } from "node:test";

import { type ControlClientOptions, controlRequest } from "../../src/control/client.js";
import { createFairTimeout } from "../../src/control/fairTimeout.js";
import type { ControlRequest, ControlResponse } from "../../src/control/messages.js";
import { type ControlServer, startControlServer } from "../../src/control/server.js";
import { freeTcpPort } from "../support/ports.js";

const list = { command: "list" };
const plain = { mode: "none" } as const;

function startServer(
  port: number,
  handle: (request: ControlRequest) => Promise<ControlResponse> = () => Promise.resolve({ rc: 0 }),
): Promise<ControlServer> {
  return startControlServer({ port, auth: plain, handle, log: () => undefined });
}

async function options(changes: Partial<ControlClientOptions> = {}): Promise<ControlClientOptions> {
  return { port: await freeTcpPort(), auth: plain, timeoutMs: 20_000, ...changes };
}

test("a daemon that is seen to start is waited for, and then asked", async () => {
  let looks = 0;
  const asked = await options({
    findDaemon: () => {
      // Longer than a daemon may take that does not listen yet.
      if (++looks === 12) {
        void startServer(asked.port).then((server) => (daemon = server));
      }
      return 4711;
    },
  });
  let daemon: ControlServer | undefined;
  assert.deepEqual(await controlRequest(list, asked), { rc: 0 });
  assert.ok(looks >= 12);
  daemon?.close();
});

test("a daemon that appears within a second is found, though it was not seen before", async () => {
  const asked = await options();
  const answer = controlRequest(list, asked);
  const timer = setTimeout(() => void startServer(asked.port).then((server) => (daemon = server)), 700);
  let daemon: ControlServer | undefined;
  assert.deepEqual(await answer, { rc: 0 });
  clearTimeout(timer);
  daemon?.close();
});

test("where no daemon is, that is reported within two seconds, whatever the time-out", async () => {
  const startedAt = performance.now();
  await assert.rejects(
    controlRequest(list, await options({ timeoutMs: 600_000, daemon: "vsbmcd" })),
    /^ControlError: Failed to connect to the vsbmcd server on port \d+, error: Connection refused\. Start the daemon with: vsbmcd$/,
  );
  assert.ok(performance.now() - startedAt < 10_000);
});

test("a daemon that does not come in time is reported with its pid", async () => {
  await assert.rejects(
    controlRequest(list, await options({ timeoutMs: 300, findDaemon: () => 4711 })),
    /error: Connection refused\. vbmcd is starting \(PID 4711\), but is not listening after 300 ms; see its log$/,
  );
});

test("the keys are read only once the daemon listens, which makes them", async () => {
  const asked = await options();
  const server = await startServer(asked.port);
  let isListening = false;
  const auth = () => {
    isListening = true;
    return Promise.resolve(plain);
  };
  assert.deepEqual(await controlRequest(list, { ...asked, auth }), { rc: 0 });
  assert.ok(isListening);
  server.close();
  isListening = false;
  await assert.rejects(controlRequest(list, await options({ timeoutMs: 100, auth })));
  assert.ok(!isListening);
});

test("an answer that takes longer than the time-out is waited for while the daemon says that it is at work", async () => {
  let working = 0;
  const server = await startServer(await freeTcpPort(), async (request) => {
    if (request.command === "busy") {
      return { rc: 0, working };
    }
    working++;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    working--;
    return { rc: 0, msg: ["done"] };
  });
  assert.deepEqual(await controlRequest(list, { port: server.port, auth: plain, timeoutMs: 400 }), {
    rc: 0,
    msg: ["done"],
  });
  server.close();
});

test("a daemon that has nothing at work has lost the request: that is a time-out", async () => {
  const server = await startServer(await freeTcpPort(), (request) =>
    request.command === "busy" ? Promise.resolve({ rc: 0, working: 0 }) : new Promise(() => undefined),
  );
  const asked = { port: server.port, auth: plain, timeoutMs: 400 };
  await assert.rejects(controlRequest(list, asked), /error: Server response timed out$/);
  server.close();
});

/** A daemon that ends when it is asked for the first time, and comes again. */
async function startRestarting(): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  let current: ControlServer;
  let again = Promise.resolve();
  let isFirst = true;
  const handle = (): Promise<ControlResponse> => {
    if (!isFirst) {
      return Promise.resolve({ rc: 0, msg: ["the next one"] });
    }
    isFirst = false;
    current.close();
    again = startAgain();
    return new Promise(() => undefined);
  };
  /** ZeroMQ's threads let go of the port in their own time. */
  const startAgain = async (): Promise<void> => {
    try {
      current = await startServer(current.port, handle);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await startAgain();
    }
  };
  current = await startServer(await freeTcpPort(), handle);
  return {
    port: current.port,
    close: async () => {
      await again;
      current.close();
    },
  };
}

test("a question that a daemon took with it is asked again of the next one", async () => {
  const daemon = await startRestarting();
  const asked = { port: daemon.port, auth: plain, timeoutMs: 20_000 };
  assert.deepEqual(await controlRequest(list, asked), { rc: 0, msg: ["the next one"] });
  await daemon.close();
});

test("a change that a daemon took with it is not made twice: it is reported", async () => {
  const daemon = await startRestarting();
  const asked = { port: daemon.port, auth: plain, timeoutMs: 20_000 };
  await assert.rejects(
    controlRequest({ command: "delete", vm_names: ["a"] }, asked),
    /the daemon ended before it answered\. Check whether the command took effect: vbmc list$/,
  );
  await daemon.close();
});

test("a network that swallows packets costs the time-out, no more", async () => {
  // A queue for connections that is full: the kernel drops what asks to connect.
  const full: Server = createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 });
  await once(full, "listening");
  const { port } = full.address() as { port: number };
  const startedAt = performance.now();
  await assert.rejects(controlRequest(list, { port, auth: plain, timeoutMs: 500 }), /Server response timed out$/);
  assert.ok(performance.now() - startedAt < 10_000);
  full.close();
});

test("time in which the process could not run does not count, within bounds", async () => {
  const startedAt = performance.now();
  const timeout = createFairTimeout(300);
  // The processor is someone else's for most of each slice.
  const busy = setInterval(() => {
    const until = performance.now() + 120;
    while (performance.now() < until) {
      // The processor is busy.
    }
  }, 1);
  await timeout.due;
  clearInterval(busy);
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs > 600 && tookMs < 2_000, String(tookMs));
});

test("what has arrived is handled before the time is up", async () => {
  const server = await startServer(await freeTcpPort());
  const answer = controlRequest(list, { port: server.port, auth: plain, timeoutMs: 1_000 });
  // The reply comes, and so does the end of the time, while nothing of this process can run.
  await new Promise((resolve) => setTimeout(resolve, 30));
  const until = performance.now() + 4_500;
  while (performance.now() < until) {
    // The processor is busy.
  }
  assert.deepEqual(await answer, { rc: 0 });
  server.close();
});

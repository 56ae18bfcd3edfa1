/** The console process with the serial ports of many VMs, each with a client that has it open. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { type ConsoleStream, openConsoleStream } from "../../src/io/console/consoleStream.js";
import { makeSelfSigned } from "../../src/process/daemon/selfSigned.js";
import type { FromConsole, ToConsole } from "../../src/process/ipc/console.js";
import { freeTcpPort } from "../../test/support/ports.js";
import { inRepository } from "../../test/support/repository.js";
import { createStandInVm, type StandInVm } from "../../test/support/standInVm.js";
import { removeFolder } from "../../test/support/temporaryFolder.js";
import { atMost, type Part, type Row } from "../part.js";
import { cpuSeconds, pssMegabytes } from "../processes.js";

const count = 1_000;
const atOnce = 50;
const settleMs = 3_000;
const idleSeconds = 10;

export const consoles: Part = {
  name: "consoles",
  about: `${count} idle consoles: memory and CPU time of the console process`,
  run: async () => [...(await measure(false)), ...(await measure(true))],
};

interface Stage {
  readonly pid: number;
  readonly send: (message: ToConsole) => void;
  /** Resolves with the answer of that type. */
  readonly answer: (type: FromConsole["type"]) => Promise<FromConsole>;
  readonly close: () => Promise<void>;
}

async function measure(isEncrypted: boolean): Promise<Row[]> {
  const how = isEncrypted ? "TLS" : "clear text";
  const folder = mkdtempSync(path.join(tmpdir(), "vbmc-bench-"));
  const socketPath = path.join(folder, "c.sock");
  const port = await freeTcpPort();
  const stage = startProcess();
  const vms: StandInVm[] = [];
  const streams: ConsoleStream[] = [];
  try {
    const listening = stage.answer("listening");
    const listen = { address: "127.0.0.1", port };
    stage.send({ type: "configure", configuration: { socketPath, listen, allowedHosts: [], ringBytes: 131_072 } });
    stage.send({ type: "certificate", ...(await makeSelfSigned(["localhost"])) });
    await listening;
    await wait(settleMs);
    const before = pssMegabytes([stage.pid]);
    for (let first = 0; first < count; first += atOnce) {
      const names = Array.from({ length: atOnce }, (_, index) => `vm-${first + index}`);
      for (const opened of await Promise.all(names.map((name) => open(name)))) {
        vms.push(opened.vm);
        streams.push(opened.stream);
      }
    }
    await wait(settleMs);
    const idleFrom = cpuSeconds([stage.pid]);
    await wait(idleSeconds * 1_000);
    return [
      {
        what: `${count} idle consoles, ${how}: memory of the console process beyond none`,
        value: pssMegabytes([stage.pid]) - before,
        unit: "MB",
        goal: atMost(100),
        note: "a boot's last lines and an open stream for each",
      },
      {
        what: `${count} idle consoles, ${how}: CPU time in ${idleSeconds} s`,
        value: (cpuSeconds([stage.pid]) - idleFrom) * 1_000,
        unit: "ms",
        goal: atMost(100),
      },
    ];
  } finally {
    streams.forEach((stream) => stream.close());
    vms.forEach(({ socket }) => socket.destroy());
    await stage.close();
    await removeFolder(folder);
  }

  async function open(name: string): Promise<{ readonly vm: StandInVm; readonly stream: ConsoleStream }> {
    const token = `token-of-${name}`;
    stage.send({ type: "serve", console: { vmName: name, mode: { kind: "concentrator" }, token } });
    const vm = createStandInVm({ port, isEncrypted, serviceUri: `vbmc:${name}?token=${token}` });
    await vm.begin();
    await vm.print(`${"Booting Linux ".repeat(70)}\r\nlogin: `);
    const key = `key-of-${name}`;
    stage.send({
      type: "admit",
      id: 0,
      admission: {
        vmName: name,
        key,
        kind: "sol",
        user: "admin",
        from: "192.0.2.1",
        isReadOnly: false,
        replayBytes: 65_536,
        validMs: 60_000,
      },
    });
    return { vm, stream: await openPatiently(key) };
  }

  /** The key goes another way than the hello. */
  async function openPatiently(key: string): Promise<ConsoleStream> {
    const listener = { onData() {}, onStatus() {}, onOverrun() {}, onDrain() {}, onEnd() {} };
    for (;;) {
      try {
        return await openConsoleStream({ socketPath, key, listener, timeoutMs: 10_000 });
      } catch {
        await wait(10);
      }
    }
  }
}

function startProcess(): Stage {
  const child = fork(inRepository("dist/bundle/process/console/main.js"), {
    execArgv: ["--max-semi-space-size=2"],
    serialization: "json",
  });
  const waiting = new Map<string, (message: FromConsole) => void>();
  child.on("message", (message: FromConsole) => waiting.get(message.type)?.(message));
  return {
    pid: child.pid ?? 0,
    send: (message) => void child.send(message),
    answer: (type) => new Promise((resolve) => waiting.set(type, resolve)),
    close: async () => {
      const ended = once(child, "exit");
      child.send({ type: "stop" });
      await ended;
    },
  };
}

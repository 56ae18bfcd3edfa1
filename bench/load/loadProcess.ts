/** A process that makes load: it does one job after the other, as its parent asks. */
import { createLimiter } from "../../src/base/async/limiter.js";
import { quantile } from "../statistics.js";
import { Console, SessionConsole } from "./console.js";
import type { Job, JobAnswer, JobResult } from "./messages.js";
import { floodEnd, floodOf, openSolConsole } from "./solConsole.js";

/** Packets are sealed in portions of so many between which the clock stands still. */
const portion = 2_000;

process.on("message", (job: Job) => {
  run(job).then(
    (result) => process.send?.({ result } satisfies JobAnswer),
    (error: unknown) => process.send?.({ failure: String(error) } satisfies JobAnswer),
  );
});

function run(job: Job): Promise<JobResult> {
  switch (job.kind) {
    case "plain":
      return plain(job);
    case "requests":
      return requests(job);
    case "setups":
      return setups(job);
    case "openSessions":
      return openSessions(job);
    case "setupsFromOnePort":
      return setupsFromOnePort(job);
    case "solFlood":
      return solFlood(job);
    case "solKeys":
      return solKeys(job);
  }
}

/** A clock that can stand still, and what was counted while it ran. */
interface Meter {
  readonly ms: () => number;
  readonly add: (latencyMs: number) => void;
  readonly addLost: () => void;
  readonly run: (work: () => Promise<unknown>) => Promise<void>;
  readonly result: () => JobResult;
}

function createMeter(): Meter {
  const latencies: number[] = [];
  let ms = 0;
  let cpuMicroseconds = 0;
  let lost = 0;
  return {
    ms: () => ms,
    add: (latencyMs) => void latencies.push(latencyMs),
    addLost: () => {
      lost++;
    },
    run: async (work) => {
      const cpu = process.cpuUsage();
      const startedAt = performance.now();
      await work();
      ms += performance.now() - startedAt;
      const { user, system } = process.cpuUsage(cpu);
      cpuMicroseconds += user + system;
    },
    result: () => ({
      count: latencies.length,
      seconds: ms / 1_000,
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      busy: cpuMicroseconds / 1_000 / ms,
      lost,
    }),
  };
}

/** Sends the datagrams one after the other, each when the one before is answered. */
function drain(console: Console, datagrams: readonly Buffer[], meter: Meter): Promise<void> {
  return new Promise((resolve) => {
    let index = 0;
    const next = (): void => {
      const datagram = datagrams[index++];
      if (!datagram) {
        resolve();
        return;
      }
      const sentAt = performance.now();
      console.exchange(datagram, (answer) => {
        if (answer) {
          meter.add(performance.now() - sentAt);
        } else {
          meter.addLost();
        }
        next();
      });
    };
    next();
  });
}

async function plain({ port, clients, seconds }: Extract<Job, { kind: "plain" }>): Promise<JobResult> {
  const consoles = await Promise.all(Array.from({ length: clients }, () => Console.open(port)));
  // As long as a Get Device ID request of cipher suite 3.
  const datagrams = Array.from({ length: Math.ceil(portion / clients) }, () => Buffer.alloc(64, 0x20));
  const meter = createMeter();
  while (meter.ms() < seconds * 1_000) {
    await meter.run(() => Promise.all(consoles.map((console) => drain(console, datagrams, meter))));
  }
  consoles.forEach((console) => console.close());
  return meter.result();
}

async function requests(job: Extract<Job, { kind: "requests" }>): Promise<JobResult> {
  const { target, clients, seconds, netFn, command, data } = job;
  const sessions = await Promise.all(Array.from({ length: clients }, () => SessionConsole.open(target)));
  for (const session of sessions) {
    await session.request(netFn, command, data);
  }
  const meter = createMeter();
  while (meter.ms() < seconds * 1_000) {
    const portions = sessions.map((session) =>
      Array.from({ length: Math.ceil(portion / clients) }, () => session.seal(netFn, command, data)),
    );
    await meter.run(() =>
      Promise.all(sessions.map(({ console }, index) => drain(console, portions[index] ?? [], meter))),
    );
  }
  await Promise.all(sessions.map((session) => session.close()));
  return meter.result();
}

async function setups({ target, clients, seconds }: Extract<Job, { kind: "setups" }>): Promise<JobResult> {
  const consoles = await Promise.all(Array.from({ length: clients }, () => Console.open(target.port)));
  const meter = createMeter();
  await meter.run(async () => {
    const end = performance.now() + seconds * 1_000;
    await Promise.all(
      consoles.map(async (console) => {
        while (performance.now() < end) {
          const startedAt = performance.now();
          await console.logOut(await console.logIn(target), 1);
          meter.add(performance.now() - startedAt);
        }
      }),
    );
  });
  consoles.forEach((console) => console.close());
  return meter.result();
}

async function openSessions({ ports, each }: Extract<Job, { kind: "openSessions" }>): Promise<JobResult> {
  const meter = createMeter();
  const limiter = createLimiter(16);
  await meter.run(() =>
    Promise.all(
      ports.map((port) =>
        limiter.run(async () => {
          const console = await Console.open(port, 10_000);
          for (let index = 0; index < each; index++) {
            const startedAt = performance.now();
            await console.logIn({ port });
            meter.add(performance.now() - startedAt);
          }
          console.close();
        }),
      ),
    ),
  );
  return meter.result();
}

async function setupsFromOnePort(job: Extract<Job, { kind: "setupsFromOnePort" }>): Promise<JobResult> {
  const console = await Console.open(job.target.port);
  const meter = createMeter();
  await meter.run(async () => {
    const end = performance.now() + job.seconds * 1_000;
    while (performance.now() < end) {
      const startedAt = performance.now();
      await console.logIn(job.target);
      meter.add(performance.now() - startedAt);
    }
  });
  console.close();
  return meter.result();
}

async function solFlood({ targets, bytes, loss = 0 }: Extract<Job, { kind: "solFlood" }>): Promise<JobResult> {
  const consoles = await Promise.all(targets.map((target) => openSolConsole(target, loss)));
  const meter = createMeter();
  await meter.run(() =>
    Promise.all(
      consoles.map(async (console) => {
        const shown = console.shows(floodEnd);
        console.type(floodOf(bytes));
        await shown;
      }),
    ),
  );
  await Promise.all(consoles.map((console) => console.close()));
  const lost = consoles.reduce((sum, { output }) => sum + Math.abs(output() - expectedOutput(bytes)), 0);
  return { ...meter.result(), count: bytes * consoles.length, lost };
}

/** The echo of the command, what it prints, and the end. */
function expectedOutput(bytes: number): number {
  return floodOf(bytes).length + bytes + floodEnd.length;
}

async function solKeys({ target, keys }: Extract<Job, { kind: "solKeys" }>): Promise<JobResult> {
  const console = await openSolConsole(target, 0);
  const meter = createMeter();
  await meter.run(async () => {
    for (let index = 0; index < keys; index++) {
      const key = String.fromCharCode(0x61 + (index % 26));
      const startedAt = performance.now();
      const shown = console.shows(key);
      console.type(key);
      await shown;
      meter.add(performance.now() - startedAt);
    }
  });
  await console.close();
  return meter.result();
}

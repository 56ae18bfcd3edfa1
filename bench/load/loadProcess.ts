/** A process that makes load: it does one job after the other, as its parent asks. */
import { quantile } from "../statistics.js";
import { Console, SessionConsole } from "./console.js";
import type { Job, JobAnswer, JobResult } from "./messages.js";

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
    case "setupsFromOnePort":
      return setupsFromOnePort(job);
  }
}

/** A clock that can stand still, and what was counted while it ran. */
class Meter {
  readonly #latencies: number[] = [];
  #ms = 0;
  #cpuMicroseconds = 0;
  lost = 0;

  get ms(): number {
    return this.#ms;
  }

  add(latencyMs: number): void {
    this.#latencies.push(latencyMs);
  }

  async run(work: () => Promise<unknown>): Promise<void> {
    const cpu = process.cpuUsage();
    const startedAt = performance.now();
    await work();
    this.#ms += performance.now() - startedAt;
    const { user, system } = process.cpuUsage(cpu);
    this.#cpuMicroseconds += user + system;
  }

  get result(): JobResult {
    return {
      count: this.#latencies.length,
      seconds: this.#ms / 1_000,
      p50: quantile(this.#latencies, 0.5),
      p99: quantile(this.#latencies, 0.99),
      busy: this.#cpuMicroseconds / 1_000 / this.#ms,
      lost: this.lost,
    };
  }
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
          meter.lost++;
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
  const meter = new Meter();
  while (meter.ms < seconds * 1_000) {
    await meter.run(() => Promise.all(consoles.map((console) => drain(console, datagrams, meter))));
  }
  consoles.forEach((console) => console.close());
  return meter.result;
}

async function requests(job: Extract<Job, { kind: "requests" }>): Promise<JobResult> {
  const { target, clients, seconds, netFn, command, data } = job;
  const sessions = await Promise.all(Array.from({ length: clients }, () => SessionConsole.open(target)));
  for (const session of sessions) {
    await session.request(netFn, command, data);
  }
  const meter = new Meter();
  while (meter.ms < seconds * 1_000) {
    const portions = sessions.map((session) =>
      Array.from({ length: Math.ceil(portion / clients) }, () => session.seal(netFn, command, data)),
    );
    await meter.run(() =>
      Promise.all(sessions.map(({ console }, index) => drain(console, portions[index] ?? [], meter))),
    );
  }
  await Promise.all(sessions.map((session) => session.close()));
  return meter.result;
}

async function setups({ target, clients, seconds }: Extract<Job, { kind: "setups" }>): Promise<JobResult> {
  const consoles = await Promise.all(Array.from({ length: clients }, () => Console.open(target.port)));
  const meter = new Meter();
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
  return meter.result;
}

async function setupsFromOnePort(job: Extract<Job, { kind: "setupsFromOnePort" }>): Promise<JobResult> {
  const console = await Console.open(job.target.port);
  const meter = new Meter();
  await meter.run(async () => {
    const end = performance.now() + job.seconds * 1_000;
    while (performance.now() < end) {
      const startedAt = performance.now();
      await console.logIn(job.target);
      meter.add(performance.now() - startedAt);
    }
  });
  console.close();
  return meter.result;
}

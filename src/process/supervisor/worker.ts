import { type ChildProcess, fork } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";

import { reasonOf } from "../../base/errors.js";
import { type Log, maskSecrets } from "../../io/log/log.js";
import { meteredArgument } from "../ipc/entry.js";
import type { LogLevelMessage, LogMessage } from "../ipc/logging.js";

/** After a polite request to end, ms. */
const termAfterMs = 1000;
const killAfterMs = 2000;

/**
 * V8 lets its nursery grow to 3 × 16 MB in a burst and never gives it back; for a process that has little to do it
 * does not grow, and a bound would only make more of what it starts with survive.
 */
const boundedNursery = "--max-semi-space-size=2";

export interface WorkerOptions<From> {
  /** The script that the process runs. */
  readonly entry: URL;
  /** What `ps` shows; no secret. */
  readonly title: string;
  readonly log: Log;
  /** Counts of what it does are wanted. */
  readonly isMetered: boolean;
  /** It has bursts of work for many BMCs, and idles in between: its heap is to stay small. */
  readonly servesMany: boolean;
  /** What must not be seen when the process prints it, e.g. with the error that ends it. */
  readonly secrets: () => readonly string[];
  readonly onMessage: (message: Exclude<From, LogMessage>) => void;
  /** Once, when the process has ended, for whatever reason. `reason` is half a sentence: `was ended by SIGKILL`. */
  readonly onExit: (reason: string) => void;
}

/**
 * A process of ours that speaks over IPC and ends when we do: its IPC channel closes with this process.
 * Its log records are written here, and so is whatever it prints to stderr.
 */
export class Worker<To extends object, From extends object> {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #letGo = new EventEmitter();
  #lastWords = "";

  constructor(private readonly options: WorkerOptions<From | LogMessage>) {
    const { entry, title, log, isMetered, servesMany, secrets, onMessage, onExit } = options;
    this.#process = fork(entry, isMetered ? [meteredArgument] : [], {
      execArgv: [...inheritedFlags(), `--title=${title}`, ...(servesMany ? [boundedNursery] : [])],
      serialization: "json",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: inheritedEnvironment(),
    });
    this.#process.on("message", (message: Exclude<From, LogMessage> | LogMessage) => {
      if (isLogMessage(message)) {
        this.#write(message);
      } else {
        onMessage(message);
      }
    });
    this.#process.on("error", (error) => {
      this.#lastWords = error.message;
      log.error({ worker: title }, `process fault: ${error.message}`);
    });
    if (this.#process.stderr) {
      createInterface({ input: this.#process.stderr }).on("line", (line) => {
        this.#hear(maskSecrets(line, secrets()));
      });
    }
    this.#ended = this.#whenEnded().then(onExit);
    this.announceLogLevel();
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Tells the process what the log wants now, so that it sends no more. */
  announceLogLevel(): void {
    this.#send({ type: "logLevel", level: this.options.log.isLevelEnabled("debug") ? "debug" : "info" });
  }

  /** A message to a process that has just ended is lost; onExit tells. */
  send(message: To): void {
    this.#send(message);
  }

  /** Asks the process to end, then insists. Resolves once it has ended, 2 s at the latest. */
  async stop(stopMessage: To): Promise<void> {
    this.send(stopMessage);
    const term = setTimeout(() => this.#process.kill("SIGTERM"), termAfterMs);
    const kill = setTimeout(() => this.#process.kill("SIGKILL"), killAfterMs);
    await Promise.race([this.#ended, once(this.#letGo, "letGo")]);
    clearTimeout(term);
    clearTimeout(kill);
  }

  /** It ends later and by itself: nobody waits for it any more. */
  letGo(): void {
    this.#letGo.emit("letGo");
    if (this.#process.connected) {
      this.#process.disconnect();
    }
    this.#process.unref();
    this.#process.stderr?.destroy();
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  #send(message: To | LogLevelMessage): void {
    if (this.#process.connected) {
      this.#process.send(message, () => undefined);
    }
  }

  async #whenEnded(): Promise<string> {
    // A process that could not be started tells `error`, and never `exit`.
    if (this.#process.pid === undefined) {
      return `could not be started: ${await this.#startFault()}`;
    }
    const [code, signal] = (await once(this.#process, "exit")) as [number | null, NodeJS.Signals | null];
    const how = signal === null ? `ended with exit code ${String(code)}` : `was ended by ${signal}`;
    return this.#lastWords === "" ? how : `${how}: ${this.#lastWords}`;
  }

  async #startFault(): Promise<string> {
    const [error] = (await once(this.#process, "error").catch((fault: unknown) => [fault])) as [unknown];
    return reasonOf(error);
  }

  /** A line of stderr. Of a stack trace the line with the error says most. */
  #hear(line: string): void {
    if (/^\w*Error\b/.test(line) || this.#lastWords === "") {
      this.#lastWords = line.trim();
    }
    this.options.log.warn({ worker: this.options.title, pid: this.#process.pid }, line);
  }

  #write({ level, message, fields }: LogMessage): void {
    this.options.log[level]({ ...fields, pid: this.#process.pid }, message);
  }
}

function isLogMessage(message: object): message is LogMessage {
  return "type" in message && message.type === "log";
}

/** A loader or source maps serve every process; a debugger's port serves one only (NODE_OPTIONS=--inspect=0 serves all). */
function inheritedFlags(): string[] {
  return process.execArgv.filter((flag) => !/^--(title|inspect)/.test(flag));
}

/** Ours without what is meant for `vbmc` alone, such as passwords, and for this process alone. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VBMC_|NOTIFY_SOCKET$)/.test(name)));
}

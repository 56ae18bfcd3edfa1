/** A small guest at the VM's serial ports: firmware, loader, kernel and login, as long as the VM runs. */
import type { BootSource } from "../boot.js";
import {
  firmwareText,
  type GuestFacts,
  kernelText,
  loaderText,
  nothingToStart,
  panicText,
  setupText,
  shutdownText,
  stamped,
} from "./bootText.js";
import { createTerminal } from "./terminal.js";

export interface GuestOptions {
  readonly facts: () => GuestFacts;
  /** The firmware writes to the serial port. */
  readonly showsFirmware: () => boolean;
  /** `full`: wait for `drained` before sending more; `lost`: the other end has gone. */
  readonly output: (bytes: Buffer) => "full" | "lost" | "sent";
  /** From the power-on to the login prompt, ms. */
  readonly bootMs: () => number;
  /** The guest has shut down, or wants to restart. */
  readonly onPower: (what: "off" | "restart") => void;
}

export interface Start {
  readonly source: BootSource | undefined;
  readonly entersSetup: boolean;
}

export interface Guest {
  readonly start: (start: Start) => void;
  readonly input: (bytes: Buffer) => void;
  /** A break on the line: the next key is a SysRq command. */
  readonly onBreak: () => void;
  readonly drained: () => void;
  readonly interrupt: () => void;
  /** Reports its shutdown; the VM is switched by the caller. */
  readonly goDown: (how: "off" | "restart") => void;
  readonly stop: () => void;
}

const escapeKey = 0x1b;
const sysRqHelp = "sysrq: HELP : loglevel(0-9) reboot(b) crash(c) poweroff(o)";
/** From the last text to the switch, ms. */
const goingDownMs = 100;

export function createGuest({ facts, showsFirmware, output, bootMs, onPower }: GuestOptions): Guest {
  let state: "booting" | "firmware" | "off" | "running" | "setup" | "stuck" = "off";
  let isSysRq = false;
  let startedAt = 0;
  let messages: string[] = [];
  let goOn = (): void => undefined;
  const timers = new Set<NodeJS.Timeout>();

  const terminal = createTerminal({
    context: {
      get hostName() {
        return facts().hostName;
      },
      uptime,
      messages: () => messages,
      now: () => new Date(),
    },
    output,
    onAction: act,
  });

  function uptime(): number {
    return (Date.now() - startedAt) / 1_000;
  }

  function print(lines: readonly string[]): void {
    output(Buffer.from(lines.map((line) => `${line}\r\n`).join("")));
  }

  function later(delayMs: number, step: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      step();
    }, delayMs);
    timers.add(timer);
  }

  function stopTimers(): void {
    timers.forEach((timer) => clearTimeout(timer));
    timers.clear();
  }

  /** The texts one after the other, evenly in `spanMs`, and then the next step. */
  function show(lines: readonly string[], spanMs: number, then: () => void): void {
    const pauseMs = spanMs / Math.max(lines.length, 1);
    const step = (index: number): void => {
      const line = lines[index];
      if (line === undefined) {
        then();
        return;
      }
      print([line]);
      later(pauseMs, () => step(index + 1));
    };
    step(0);
  }

  function start({ source, entersSetup }: Start): void {
    stop();
    state = "firmware";
    messages = [];
    const third = bootMs() / 3;
    show(showsFirmware() ? firmwareText(facts()) : [], third, () => {
      if (entersSetup) {
        state = "setup";
        print(showsFirmware() ? setupText : []);
        goOn = () => load(source, third);
      } else {
        load(source, third);
      }
    });
  }

  function load(source: BootSource | undefined, spanMs: number): void {
    state = "firmware";
    const lines = loaderText(source, facts());
    if (!source || !lines) {
      state = "stuck";
      print(nothingToStart);
      return;
    }
    show(lines, spanMs, () => {
      state = "booting";
      startedAt = Date.now();
      const kernel = kernelText(facts(), source);
      messages = kernel.filter((line) => /^\[ +\d/.test(line));
      show(kernel, spanMs, () => {
        state = "running";
        terminal.open();
      });
    });
  }

  function act(action: "crash" | "off" | "restart"): void {
    if (action === "crash") {
      panic("sysrq triggered crash", "sysrq: Trigger a crash");
    } else {
      goDown(action);
      later(goingDownMs, () => onPower(action));
    }
  }

  function panic(cause: string, before: string): void {
    stop();
    state = "stuck";
    print(["", ...panicText(cause, before, uptime())]);
  }

  function goDown(how: "off" | "restart"): void {
    if (state === "running" || state === "booting") {
      terminal.close();
      stopTimers();
      state = "stuck";
      print(["", ...shutdownText(how, uptime())]);
    }
  }

  function stop(): void {
    stopTimers();
    terminal.close();
    state = "off";
    isSysRq = false;
  }

  function onSysRq(byte: number): void {
    isSysRq = false;
    const actions: Readonly<Record<string, () => void>> = {
      c: () => act("crash"),
      b: () => onPower("restart"),
      o: () => act("off"),
    };
    const action = actions[String.fromCharCode(byte)];
    if (action) {
      action();
    } else {
      print([stamped(uptime(), sysRqHelp)]);
    }
  }

  return {
    start,
    input: (bytes) => {
      const [first] = bytes;
      if (isSysRq && first !== undefined) {
        onSysRq(first);
        terminal.input(bytes.subarray(1));
      } else if (state === "setup") {
        if (bytes.includes(escapeKey)) {
          goOn();
        }
      } else {
        terminal.input(bytes);
      }
    },
    onBreak: () => {
      isSysRq = state === "running" || state === "booting";
    },
    drained: terminal.drained,
    interrupt: () => {
      if (state === "running" || state === "booting") {
        panic("NMI: Not continuing", "Uhhuh. NMI received for unknown reason 20 on CPU 0.");
      }
    },
    goDown,
    stop,
  };
}

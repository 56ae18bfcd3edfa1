/** A small guest at the VM's serial ports: firmware, loader, kernel and login, as long as the VM runs. */
import { type GuestFacts, panicText, shutdownText, stamped } from "./bootText.js";
import { createPace } from "./pace.js";
import type { Sent } from "./screen.js";
import { createStartup, type Start } from "./startup.js";
import { createTerminal } from "./terminal.js";

export interface GuestOptions {
  readonly facts: () => GuestFacts;
  /** The firmware writes to the serial port. */
  readonly showsFirmware: () => boolean;
  /** `full`: wait for `drained` before sending more; `lost`: the other end has gone. */
  readonly output: (bytes: Buffer) => Sent;
  /** From the power-on to the login prompt, ms. */
  readonly bootMs: () => number;
  /** The guest has shut down, or wants to restart. */
  readonly onPower: (what: "off" | "restart") => void;
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
  let isSysRq = false;

  function print(lines: readonly string[]): void {
    output(Buffer.from(lines.map((line) => `${line}\r\n`).join("")));
  }

  const pace = createPace(print);
  const startup = createStartup({ facts, showsFirmware, bootMs, print, pace, onRunning: () => terminal.open() });
  const { uptime } = startup;
  const terminal = createTerminal({
    context: {
      get hostName() {
        return facts().hostName;
      },
      uptime,
      messages: () => startup.messages,
      now: () => new Date(),
    },
    output,
    onAction: act,
  });

  function act(action: "crash" | "off" | "restart"): void {
    if (action === "crash") {
      panic("sysrq triggered crash", "sysrq: Trigger a crash");
    } else {
      goDown(action);
      pace.later(goingDownMs, () => onPower(action));
    }
  }

  function panic(cause: string, before: string): void {
    stop();
    startup.end("stuck");
    print(["", ...panicText(cause, before, uptime())]);
  }

  function goDown(how: "off" | "restart"): void {
    if (startup.hasKernel) {
      terminal.close();
      pace.stop();
      startup.end("stuck");
      print(["", ...shutdownText(how, uptime())]);
    }
  }

  function stop(): void {
    pace.stop();
    terminal.close();
    startup.end("off");
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
    start: (start) => {
      stop();
      startup.begin(start);
    },
    input: (bytes) => {
      const [first] = bytes;
      if (isSysRq && first !== undefined) {
        onSysRq(first);
        terminal.input(bytes.subarray(1));
      } else if (startup.stage === "setup") {
        if (bytes.includes(escapeKey)) {
          startup.leaveSetup();
        }
      } else {
        terminal.input(bytes);
      }
    },
    onBreak: () => {
      isSysRq = startup.hasKernel;
    },
    drained: terminal.drained,
    interrupt: () => {
      if (startup.hasKernel) {
        panic("NMI: Not continuing", "Uhhuh. NMI received for unknown reason 20 on CPU 0.");
      }
    },
    goDown,
    stop,
  };
}

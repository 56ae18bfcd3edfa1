/** How a guest starts: firmware, its setup where asked for, loader, kernel, and how far it has come. */
import type { BootSource } from "../boot.js";
import { firmwareText, type GuestFacts, kernelText, loaderText, nothingToStart, setupText } from "./bootText.js";
import type { Pace } from "./pace.js";

export interface Start {
  readonly source: BootSource | undefined;
  readonly entersSetup: boolean;
}

export interface StartupOptions {
  readonly facts: () => GuestFacts;
  /** The firmware writes to the serial port. */
  readonly showsFirmware: () => boolean;
  /** From the power-on to the login prompt, ms. */
  readonly bootMs: () => number;
  readonly print: (lines: readonly string[]) => void;
  readonly pace: Pace;
  readonly onRunning: () => void;
}

export interface Startup {
  readonly stage: "booting" | "firmware" | "off" | "running" | "setup" | "stuck";
  /** Booting or running. */
  readonly hasKernel: boolean;
  /** Of the kernel, s. */
  readonly uptime: () => number;
  /** Of the kernel. */
  readonly messages: readonly string[];
  readonly begin: (start: Start) => void;
  readonly leaveSetup: () => void;
  readonly end: (stage: "off" | "stuck") => void;
}

export function createStartup({ facts, showsFirmware, bootMs, print, pace, onRunning }: StartupOptions): Startup {
  let stage: Startup["stage"] = "off";
  let startedAt = 0;
  let messages: string[] = [];
  let goOn = (): void => undefined;

  function load(source: BootSource | undefined, spanMs: number): void {
    stage = "firmware";
    const lines = loaderText(source, facts());
    if (!source || !lines) {
      stage = "stuck";
      print(nothingToStart);
      return;
    }
    pace.show(lines, spanMs, () => {
      stage = "booting";
      startedAt = Date.now();
      const kernel = kernelText(facts(), source);
      messages = kernel.filter((line) => /^\[ +\d/.test(line));
      pace.show(kernel, spanMs, () => {
        stage = "running";
        onRunning();
      });
    });
  }

  return {
    get stage() {
      return stage;
    },
    get hasKernel() {
      return stage === "running" || stage === "booting";
    },
    uptime: () => (Date.now() - startedAt) / 1_000,
    get messages() {
      return messages;
    },
    begin: ({ source, entersSetup }) => {
      stage = "firmware";
      messages = [];
      const third = bootMs() / 3;
      pace.show(showsFirmware() ? firmwareText(facts()) : [], third, () => {
        if (entersSetup) {
          stage = "setup";
          print(showsFirmware() ? setupText : []);
          goOn = () => load(source, third);
        } else {
          load(source, third);
        }
      });
    },
    leaveSetup: () => goOn(),
    end: (how) => {
      stage = how;
    },
  };
}

/** A console in memory whose other end is the test. */
import type { Console, ConsoleListener, ConsoleUser } from "../../src/model/machine/console.js";

export interface FakeConsole extends Console {
  /** Who has opened it, in their order. */
  readonly users: ConsoleUser[];
  /** What was typed, breaks as `<break>`. */
  typed: string;
  /** What `write` returns. */
  accepts: boolean;
  /** Of connections that are open. */
  readonly listeners: Set<ConsoleListener>;
  /** Prints on every open connection. */
  readonly print: (text: string) => void;
}

/** Its serial port is connected as soon as it is opened. */
export function createFakeConsole(): FakeConsole {
  const fake: FakeConsole = {
    users: [],
    typed: "",
    accepts: true,
    listeners: new Set(),
    print: (text) => fake.listeners.forEach(({ onData }) => onData(Buffer.from(text, "latin1"))),
    open: (user, listener) => {
      fake.users.push(user);
      fake.listeners.add(listener);
      listener.onStatus(true);
      return {
        settled: Promise.resolve(),
        write: (bytes) => {
          fake.typed += Buffer.from(bytes).toString("latin1");
          return fake.accepts;
        },
        sendBreak: () => {
          fake.typed += "<break>";
        },
        pause: () => undefined,
        resume: () => undefined,
        close: () => void fake.listeners.delete(listener),
      };
    },
  };
  return fake;
}

/** Tells a client of Serial over LAN, which has no other means to see it, who types on the console when it does not. */
import { describeUser } from "../../io/console/consoleUsers.js";
import type { ConsoleStatus } from "../../io/console/messages.js";

export interface WriterNotices {
  readonly changed: (status: ConsoleStatus) => void;
  /** The client has typed: says again that it is discarded, if it is. */
  readonly typed: (bytes: Uint8Array) => void;
}

/** Between two notices to one who goes on typing, ms. */
const againAfterMs = 5_000;

/** @param now in ms */
export function createWriterNotices(say: (text: string) => void, now: () => number): WriterNotices {
  let status: ConsoleStatus | undefined;
  let toldAt: number | undefined;

  function tell(): void {
    toldAt = now();
    const who = status?.writer === undefined ? "another client" : describeUser(status.writer);
    say(`${who} types on this console; what you type is discarded until you activate SOL again`);
  }

  return {
    changed: (next) => {
      const wasWriter = status?.isWriter;
      status = next;
      if (!next.isWriter && wasWriter !== false) {
        tell();
      } else if (next.isWriter && toldAt !== undefined) {
        toldAt = undefined;
        say("what you type reaches the VM again");
      }
    },
    typed: (bytes) => {
      // FreeIPMI's --serial-keepalive types NUL.
      const isPerson = bytes.some((byte) => byte !== 0);
      if (isPerson && status?.isWriter === false && now() - (toldAt ?? -Infinity) >= againAfterMs) {
        tell();
      }
    },
  };
}

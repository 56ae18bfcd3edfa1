/** The machine's serial console: a terminal, who else is there, and who types. */
import { useEffect, useRef, useState } from "preact/hooks";

import { usePage } from "../state/context.js";
import type { BmcRow } from "../state/fleet.js";
import { mayOperate } from "../state/power.js";
import { type ConsoleLink, type ConsoleStatus, openConsole } from "./consoleLink.js";
import type { TerminalView } from "./terminal.js";

export function ConsoleTab({ row }: { row: BmcRow }) {
  return row.console === undefined ? (
    <p>
      No console is configured. Set <code>[console] listen</code> in virtualbmc.conf, then give the machine a serial
      port with <code>vbmc console {row.name} --setup</code>.
    </p>
  ) : (
    <Console name={row.name} />
  );
}

type LinkState = "connecting" | "open" | "lost";

function Console({ name }: { name: string }) {
  const { user } = usePage();
  const place = useRef<HTMLDivElement>(null);
  const link = useRef<ConsoleLink>(undefined);
  const [status, setStatus] = useState<ConsoleStatus>();
  const [state, setState] = useState<LinkState>("connecting");
  const [reason, setReason] = useState("");

  useEffect(() => {
    let isGone = false;
    let view: TerminalView | undefined;
    // The terminal is loaded with the first console.
    void import("./terminal.js").then(({ createTerminal }) => {
      if (isGone || !place.current) {
        return;
      }
      view = createTerminal(place.current, (bytes) => link.current?.write(bytes));
      const shown = view;
      link.current = openConsole(name, user.token, {
        onOpen: () => {
          shown.clear();
          setState("open");
        },
        onData: shown.write,
        onStatus: setStatus,
        onOverrun: (skipped) => shown.note(`${skipped} bytes were skipped`),
        onLost: (why) => {
          setReason(why);
          setState("lost");
        },
      });
    });
    return () => {
      isGone = true;
      link.current?.close();
      view?.close();
    };
  }, [name, user.token]);

  const mayType = mayOperate(user.role);
  return (
    <>
      <div class="toolbar level">
        <p role="status">{describe(state, reason, status, mayType)}</p>
        {mayType && (
          <div class="buttons">
            <button
              type="button"
              disabled={state !== "open" || status?.isWriter === true}
              onClick={() => link.current?.command("take")}
            >
              Type here
            </button>
            <button
              type="button"
              disabled={state !== "open" || status?.isWriter !== true}
              onClick={() => link.current?.command("release")}
            >
              Watch only
            </button>
            <button
              type="button"
              disabled={state !== "open" || status?.isWriter !== true}
              onClick={() => link.current?.command("break")}
            >
              Send break
            </button>
          </div>
        )}
      </div>
      <div class="terminal" ref={place} />
    </>
  );
}

function describe(state: LinkState, reason: string, status: ConsoleStatus | undefined, mayType: boolean): string {
  if (state !== "open" || !status) {
    return state === "lost" ? `Not connected: ${reason || "the connection is lost"}. Trying again …` : "Connecting …";
  }
  const port = status.connected ? "The serial port is connected." : "The machine's serial port is not connected.";
  const writer = status.isWriter
    ? "You type."
    : status.writer
      ? `${status.writer.user} from ${status.writer.from} types; you watch.`
      : mayType
        ? "Nobody types."
        : "You watch.";
  const others =
    status.watchers.length === 0 ? "" : ` Also here: ${status.watchers.map(({ user }) => user).join(", ")}.`;
  return `${port} ${writer}${others}`;
}

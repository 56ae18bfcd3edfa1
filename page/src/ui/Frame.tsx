/** What surrounds every view: the way home, who is logged in, the connection, and what the page has to say. */
import type { ComponentChildren } from "preact";

import { usePage } from "../state/context.js";
import { hrefOf } from "../state/route.js";
import { useStore } from "../state/store.js";

export function Frame({ children, onLogOut }: { children: ComponentChildren; onLogOut: () => void }) {
  const { user, messages, fleet } = usePage();
  const connection = useStore(fleet.connection);
  const status = useStore(messages.status);
  const failures = useStore(messages.failures);
  return (
    <>
      <header>
        <a href={hrefOf()} class="home">
          <img src="/icon.svg" alt="" width="24" height="24" /> Virtual BMCs
        </a>
        <span class="user">
          {user.userName} <small>({user.role})</small>
        </span>
        <button type="button" onClick={onLogOut}>
          Log out
        </button>
      </header>
      {connection === "lost" && (
        <p class="banner" role="alert">
          The connection to the server is lost. What you see may be out of date; the page reconnects by itself.
        </p>
      )}
      <div class="messages">
        <p role="status">{status}</p>
        {failures.map((text) => (
          <p role="alert" key={text}>
            {text}{" "}
            <button type="button" class="plain" onClick={() => messages.dismiss(text)} aria-label="Dismiss">
              ✕
            </button>
          </p>
        ))}
      </div>
      <main>{children}</main>
    </>
  );
}

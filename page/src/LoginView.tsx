/** The form by which a user logs in. */
import { useState } from "preact/hooks";

import { RedfishFailure } from "./redfish/client.js";
import type { Session } from "./state/session.js";
import { useStore } from "./state/store.js";
import { Field } from "./ui/Field.js";

export function LoginView({ session }: { session: Session }) {
  const notice = useStore(session.notice);
  const [userName, setUserName] = useState("");
  const [password, setPassword] = useState("");
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  async function logIn(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      await session.logIn(userName, password);
    } catch (error) {
      setFailure(error instanceof RedfishFailure ? error.message : String(error));
      setPassword("");
      setBusy(false);
    }
  }

  return (
    <main class="login">
      <h1>Virtual BMCs</h1>
      <form onSubmit={(event) => void logIn(event)}>
        <Field label="User name" value={userName} onChange={setUserName} autocomplete="username" isRequired hasFocus />
        <Field
          label="Password"
          type="password"
          value={password}
          onChange={setPassword}
          autocomplete="current-password"
          isRequired
        />
        <button type="submit" class="primary" disabled={isBusy}>
          Log in
        </button>
      </form>
      <p class="hint">With an account of this page, or of a BMC: that shows the BMCs which have the account.</p>
      {failure === undefined ? notice !== undefined && <p role="status">{notice}</p> : <p role="alert">{failure}</p>}
    </main>
  );
}

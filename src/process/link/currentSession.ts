/** A session object that always uses the current session. */
import type { VimSession } from "../../vsphere/session.js";

/**
 * @param current the open session, if any
 * @param connected the open session; throws MachineError without one, which rejects its calls
 */
export function currentSession(current: () => VimSession | undefined, connected: () => VimSession): VimSession {
  return {
    get content() {
      return connected().content;
    },
    key: () => current()?.key(),
    generation: () => connected().generation(),
    // eslint-disable-next-line @typescript-eslint/require-await -- turns an error thrown by `connected` into a rejection
    call: async (...call) => connected().call(...call),
    get tasks() {
      return connected().tasks;
    },
    keepAlive: () => connected().keepAlive(),
    fingerprint: () => connected().fingerprint(),
    get transport() {
      return connected().transport;
    },
    logout: () => connected().logout(),
  };
}

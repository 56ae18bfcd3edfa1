/**
 * The session for code that holds references to VMs: in each new login, it first verifies once that they still name the
 * same VMs. After a restore, a reinstallation or a registration of VMs they can name others.
 */
import type { VimSession } from "../../vsphere/session.js";
import { SessionChanged } from "../../vsphere/vimErrors.js";

export interface VerifiedSession {
  /** Calls `requireUsable` after the verification, right before each call is sent; the call throws what it throws. */
  readonly forUse: (requireUsable: () => void) => VimSession;
  /** The current login only, after its verification: calls throw SessionChanged once `generation` is not current. */
  readonly pinned: () => Promise<VimSession>;
}

/** Most logins in a row that may end during their verification. */
const maxLogins = 3;

/** `verify` checks all stored references with the session it is given, and drops invalid ones. */
export function createVerifiedSession(
  session: VimSession,
  verify: (pinned: VimSession) => Promise<void>,
): VerifiedSession {
  let verified: symbol | undefined;
  let verification: { readonly generation: symbol; readonly done: Promise<void> } | undefined;

  /** Resolves with the generation in which the references are verified. */
  async function ready(): Promise<symbol> {
    for (let left = maxLogins; left > 0; left--) {
      const generation = session.generation();
      if (verified === generation) {
        return generation;
      }
      try {
        await verifyOnce(generation);
      } catch (error) {
        if (!(error instanceof SessionChanged)) {
          throw error;
        }
      }
    }
    throw new SessionChanged();
  }

  function verifyOnce(generation: symbol): Promise<void> {
    if (verification?.generation !== generation) {
      const done = verify(within(generation)).then(() => {
        verified = session.generation() === generation ? generation : verified;
      });
      const mine = { generation, done };
      verification = mine;
      done.finally(() => (verification = verification === mine ? undefined : verification)).catch(() => undefined);
    }
    return verification.done;
  }

  const withCall = (call: VimSession["call"], generation = session.generation): VimSession => ({
    get content() {
      return session.content;
    },
    get tasks() {
      return session.tasks;
    },
    key: session.key,
    fingerprint: session.fingerprint,
    get transport() {
      return session.transport;
    },
    generation,
    keepAlive: session.keepAlive,
    logout: session.logout,
    call,
  });

  function within(generation: symbol): VimSession {
    return withCall(
      (method, target, args, options) => session.call(method, target, args, { ...options, within: generation }),
      () => generation,
    );
  }

  async function callVerified(
    requireUsable: () => void,
    ...[method, target, args, options]: Parameters<VimSession["call"]>
  ): Promise<unknown> {
    for (let left = maxLogins; ; left--) {
      const generation = await ready();
      requireUsable();
      try {
        const beforeSend = (): void => {
          // The call may have waited in a queue.
          requireUsable();
          options?.beforeSend?.();
        };
        return await session.call(method, target, args, { within: generation, ...options, beforeSend });
      } catch (error) {
        // The call was not sent, so it can be sent in the new session once the references are verified.
        if (!(error instanceof SessionChanged) || options?.within !== undefined || left <= 1) {
          throw error;
        }
      }
    }
  }

  return {
    forUse: (requireUsable) => withCall((...call) => callVerified(requireUsable, ...call)),
    pinned: async () => within(await ready()),
  };
}

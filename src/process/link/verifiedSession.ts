/**
 * The session as whoever keeps references to VMs may use it: in each new login it is first looked whether they still name
 * the same VMs, once for all. After a restore, a new installation or a registration of VMs they can name others.
 */
import type { VimSession } from "../../vsphere/session.js";
import { SessionChanged } from "../../vsphere/vimErrors.js";

export interface VerifiedSession {
  /** Calls throw what `requireUsable` throws, which is asked after the verification, right before each call is sent. */
  readonly forUse: (requireUsable: () => void) => VimSession;
  /** The present login only, after its verification: calls throw SessionChanged once `generation` is not the present one. */
  readonly pinned: () => Promise<VimSession>;
}

/** A login that ends while it is verified is followed by another one, but hardly many times. */
const mostLogins = 3;

/** `verify` looks at all references that are kept, by calls of its own session, and drops those that are no good. */
export function createVerifiedSession(
  session: VimSession,
  verify: (pinned: VimSession) => Promise<void>,
): VerifiedSession {
  let verified: symbol | undefined;
  let verification: { readonly generation: symbol; readonly done: Promise<void> } | undefined;

  /** Resolves with the generation in which references are good. */
  async function ready(): Promise<symbol> {
    for (let left = mostLogins; left > 0; left--) {
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
    for (let left = mostLogins; ; left--) {
      const generation = await ready();
      requireUsable();
      try {
        const beforeSend = (): void => {
          // It may have waited in a queue.
          requireUsable();
          options?.beforeSend?.();
        };
        return await session.call(method, target, args, { within: generation, ...options, beforeSend });
      } catch (error) {
        // The call was not made, so it can be made in the new session, once it is known whom it reaches there.
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

/**
 * When a login that was refused is tried again, such that no account is locked by us, and one that is locked can end its
 * lock. An ESXi host locks after 5 wrong logins in a row, whatever time lies between them, and for 15 minutes; domains
 * after 5 to 10 in half an hour. What was tried is kept in a file: restarts, `vbmc check` and `vbmc discover` count too.
 */
import { randomBytes, scrypt } from "node:crypto";
import { rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

import { fields, integer, list, nullable, text } from "../../base/document/codec.js";
import { replaceFile } from "../../io/files/atomicWrite.js";
import { ensureFolder } from "../../io/files/ensureFolder.js";
import { readRegularFile } from "../../io/files/regularFile.js";
import { VimFault } from "../../vsphere/vimErrors.js";

const minuteMs = 60_000;
/** After the first, the second … refusal; from then on the last one. */
const pausesMs = [minuteMs, 16 * minuteMs, 31 * minuteMs];
/** Tries of ours in a row at an ESXi host: one more would lock the account. */
const mostAtHost = 4;
/** What somebody asks for is tried as long as there are fewer refusals than this in the time that domains look back. */
const mostAsked = 3;
const lookBackMs = 30 * minuteMs;
/** By the part that chance adds at most. */
const jitter = 0.1;
const longestPauseMs = Math.ceil(Math.max(...pausesMs) * (1 + jitter));
/** Refusals remembered: more than anything above counts. */
const mostKept = 16;
/** Far beyond what those take, bytes. */
const longestFile = 64 * 1024;

/** A login that is not tried now, since it was refused before. */
export class LoginNotTried extends VimFault {
  constructor(nextTryInMs: number, now: number) {
    const next = Number.isFinite(nextTryInMs) ? ` before ${new Date(now + nextTryInMs).toISOString()}` : " by itself";
    super("InvalidLogin", `it was refused before and is not retried${next}, to avoid locking the account`);
  }
}

/** To go behind why a login failed: that it was not tried, and when it will be; empty for one that was. */
export function untried(error: unknown): string {
  return error instanceof LoginNotTried ? `; ${error.message.replace(/^\w+: /, "")}` : "";
}

export interface LoginPacing {
  /** Until the next try by ourselves, ms; Infinity: there is none. */
  readonly dueInMs: () => number;
  /** Whether somebody who asks for it has a try now. */
  readonly mayTryNow: () => boolean;
  /** In force even when it rejects, since the file cannot be written. */
  readonly refused: (server: { readonly isHost: boolean }) => Promise<void>;
  /** As `refused`. */
  readonly succeeded: () => Promise<void>;
}

export interface LoginPacingOptions {
  /** Kept for the account; absent: in memory only. */
  readonly file: string | undefined;
  readonly password: string;
  /** ms since the epoch */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

interface Refusals {
  /** When, ms since the epoch, in a row. */
  readonly at: readonly number[];
  /** null: never by ourselves. */
  readonly nextTryAt: number | null;
}

const none: Refusals = { at: [], nextTryAt: 0 };

export async function openLoginPacing({ file, password, now, random }: LoginPacingOptions): Promise<LoginPacing> {
  const kept = read(file);
  const salt = kept?.salt ?? randomBytes(16).toString("hex");
  const digest = await digestOf(password, salt);
  // Another password is tried at once.
  let refusals: Refusals = kept && kept.digest === digest ? kept : none;

  async function keep(next: Refusals): Promise<void> {
    refusals = next;
    if (file !== undefined) {
      ensureFolder(path.dirname(file));
      await replaceFile(file, `${JSON.stringify({ salt, digest, ...next })}\n`);
    }
  }

  return {
    dueInMs: () => {
      const { nextTryAt } = refusals;
      if (nextTryAt === null) {
        return Infinity;
      }
      // A clock that was set back prolongs no pause.
      if (nextTryAt > now() + longestPauseMs) {
        refusals = { ...refusals, nextTryAt: now() + longestPauseMs };
      }
      return Math.max((refusals.nextTryAt ?? 0) - now(), 0);
    },
    mayTryNow: () => refusals.at.filter((at) => Math.abs(now() - at) < lookBackMs).length < mostAsked,
    refused: ({ isHost }) => {
      const at = [...refusals.at, now()].slice(-mostKept);
      const pauseMs = pausesMs[Math.min(at.length, pausesMs.length) - 1] ?? 0;
      const isOver = isHost && at.length >= mostAtHost;
      return keep({ at, nextTryAt: isOver ? null : now() + Math.round(pauseMs * (1 + random() * jitter)) });
    },
    succeeded: async () => {
      if (refusals.at.length > 0) {
        refusals = none;
        if (file !== undefined) {
          await forget(file);
        }
      }
    },
  };
}

interface Kept extends Refusals {
  readonly salt: string;
  readonly digest: string;
}

const time = integer(0, Number.MAX_SAFE_INTEGER);
const codec = fields<Kept>({
  salt: text(64),
  digest: text(64),
  at: list(time, mostKept),
  nextTryAt: nullable(time),
});

/** A file that is not there, or damaged, is as good as none. */
function read(file: string | undefined): Kept | undefined {
  if (file === undefined) {
    return undefined;
  }
  try {
    return codec.decode(JSON.parse(readRegularFile(file, longestFile).toString()));
  } catch {
    return undefined;
  }
}

/** The login is none the worse for a file that cannot be removed: it counts again after a restart, at worst. */
async function forget(file: string): Promise<void> {
  await rm(file, { force: true }).catch(() => undefined);
}

/** Tells one password from another, and no password from the file. */
async function digestOf(password: string, salt: string): Promise<string> {
  const hash = promisify<string, string, number, Buffer>(scrypt);
  return (await hash(password, salt, 32)).toString("hex");
}

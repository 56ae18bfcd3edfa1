/**
 * Decides when a refused login is retried, so that we never lock an account and a locked one can unlock. An ESXi host
 * locks an account for 15 minutes after 5 failed logins in a row, however far apart; domains after 5 to 10 within half an
 * hour. Attempts are stored in a file, so that restarts, `vbmc check` and `vbmc discover` count too.
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
/** Delays after the first, the second … refusal; the last one repeats. */
const pausesMs = [minuteMs, 16 * minuteMs, 31 * minuteMs];
/** Most attempts in a row at an ESXi host: one more would lock the account. */
const maxAtHost = 4;
/** A user's request is tried if there are fewer refusals than this within the period that domains count. */
const maxAsked = 3;
const lookBackMs = 30 * minuteMs;
/** Maximum jitter, as a fraction of the delay. */
const jitter = 0.1;
const maxPauseMs = Math.ceil(Math.max(...pausesMs) * (1 + jitter));
/** Most stored refusals: more than any limit above needs. */
const maxKept = 16;
/** Far beyond what those take, bytes. */
const maxFileBytes = 64 * 1024;

/** The login is not tried now, since it was refused before. */
export class LoginNotTried extends VimFault {
  constructor(nextTryInMs: number, now: number) {
    const next = Number.isFinite(nextTryInMs) ? ` before ${new Date(now + nextTryInMs).toISOString()}` : " by itself";
    super("InvalidLogin", `it was refused before and is not retried${next}, to avoid locking the account`);
  }
}

/** Suffix for the reason of a failed login: that it was not tried, and when it will be; empty if it was tried. */
export function untried(error: unknown): string {
  return error instanceof LoginNotTried ? `; ${error.message.replace(/^\w+: /, "")}` : "";
}

export interface LoginPacing {
  /** Time until the next automatic attempt, ms; Infinity: none. */
  readonly dueInMs: () => number;
  /** Whether a user's request may be tried now. */
  readonly mayTryNow: () => boolean;
  /** Takes effect even if it rejects because the file cannot be written. */
  readonly refused: (server: { readonly isHost: boolean }) => Promise<void>;
  /** Rejects like `refused`. */
  readonly succeeded: () => Promise<void>;
}

export interface LoginPacingOptions {
  /** The account's file; absent: in memory only. */
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
  /** null: no automatic attempt. */
  readonly nextTryAt: number | null;
}

const none: Refusals = { at: [], nextTryAt: 0 };

export async function openLoginPacing({ file, password, now, random }: LoginPacingOptions): Promise<LoginPacing> {
  const kept = read(file);
  const salt = kept?.salt ?? randomBytes(16).toString("hex");
  const digest = await digestOf(password, salt);
  // A different password is tried at once.
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
      // A clock that was set back must not extend the wait.
      if (nextTryAt > now() + maxPauseMs) {
        refusals = { ...refusals, nextTryAt: now() + maxPauseMs };
      }
      return Math.max((refusals.nextTryAt ?? 0) - now(), 0);
    },
    mayTryNow: () => refusals.at.filter((at) => Math.abs(now() - at) < lookBackMs).length < maxAsked,
    refused: ({ isHost }) => {
      const at = [...refusals.at, now()].slice(-maxKept);
      const pauseMs = pausesMs[Math.min(at.length, pausesMs.length) - 1] ?? 0;
      const isOver = isHost && at.length >= maxAtHost;
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
  at: list(time, maxKept),
  nextTryAt: nullable(time),
});

/** A missing or damaged file counts as no refusals. */
function read(file: string | undefined): Kept | undefined {
  if (file === undefined) {
    return undefined;
  }
  try {
    return codec.decode(JSON.parse(readRegularFile(file, maxFileBytes).toString()));
  } catch {
    return undefined;
  }
}

/** The login succeeds even if the file cannot be removed: at worst it counts again after a restart. */
async function forget(file: string): Promise<void> {
  await rm(file, { force: true }).catch(() => undefined);
}

/** Distinguishes passwords without revealing them in the file. */
async function digestOf(password: string, salt: string): Promise<string> {
  const hash = promisify<string, string, number, Buffer>(scrypt);
  return (await hash(password, salt, 32)).toString("hex");
}

/** Logs in to a BMC by IPMI, as a client does, for `vbmc check`. */
import { reasonOf } from "../../base/errors.js";
import { resolveAddress } from "../../io/address/resolve.js";
import { openClientSession } from "../../protocol/client/clientSession.js";
import { ClientError } from "../../protocol/client/exchange.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";

/** The suites that a check prefers, best first. */
const preferredSuites = [17, 3];
const timeoutMs = 1_000;
const tries = 3;

export interface LoginOutcome {
  readonly ok: boolean;
  /** The result; for a failure also the remedy. */
  readonly detail: string;
}

/**
 * Opens and closes an RMCP+ session at a BMC over loopback, like a remote console. It is done here and not by `vbmc`,
 * so that the password stays in this process.
 */
export async function checkLogin(bmc: StoredBmc, cipherSuites: readonly number[]): Promise<LoginOutcome> {
  const host = await resolveAddress(bmc.address, timeoutMs * tries).then(loopbackOf, toReason);
  if (typeof host !== "string") {
    return { ok: false, detail: host.reason };
  }
  const { port, username, password, kg } = bmc;
  const cipherSuite = preferredSuites.find((id) => cipherSuites.includes(id)) ?? cipherSuites[0] ?? 17;
  const key = kg === undefined ? {} : { kg: Buffer.from(kg, "hex") };
  const where = `at ${host} port ${port} with cipher suite ${cipherSuite}`;
  try {
    const session = await openClientSession({ host, port, username, password, cipherSuite, timeoutMs, tries, ...key });
    await session.close();
    return { ok: true, detail: `logged in as ${username} ${where}` };
  } catch (error) {
    if (!(error instanceof ClientError)) {
      throw error;
    }
    return { ok: false, detail: `${error.message}: ${remedyFor(error, bmc)}` };
  }
}

/** A BMC on all addresses is reached over loopback, others at their own address. */
export function loopbackOf(address: string): string {
  return address === "::" || address === "0.0.0.0" ? "127.0.0.1" : address;
}

function toReason(error: unknown): { readonly reason: string } {
  return { reason: reasonOf(error) };
}

function remedyFor({ problem }: ClientError, { name }: StoredBmc): string {
  return problem === "noAnswer"
    ? `it does not answer; see the log of vbmcd, and try vbmc stop ${name} and vbmc start ${name}`
    : "its account was changed over IPMI; use that one, or change it back with ipmitool user set";
}

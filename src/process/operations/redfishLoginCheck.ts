/** Logs in to a BMC by Redfish, as a client does, for `vbmc check` (DSP0266 "Redfish session login authentication"). */
import { request } from "node:https";
import { TLSSocket } from "node:tls";

import { reasonOf } from "../../base/errors.js";
import { resolveAddress } from "../../io/address/resolve.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";
import { type LoginOutcome, loopbackOf } from "./loginCheck.js";

const timeoutMs = 3_000;
const sessionsPath = "/redfish/v1/SessionService/Sessions";

interface Answer {
  readonly status: number;
  readonly token: string;
  readonly location: string;
}

/** The problem, half a sentence, and the remedy. */
class CheckError extends Error {
  override readonly name = "CheckError";
}

/**
 * Opens and ends a session at a BMC's Redfish service over loopback, like a client.
 * @param fingerprint of the certificate that it must show before the password is sent
 */
export async function checkRedfishLogin(
  bmc: StoredBmc,
  port: number,
  fingerprint: string | undefined,
): Promise<LoginOutcome> {
  try {
    const host = loopbackOf(await resolveAddress(bmc.address, timeoutMs));
    const ask = (method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> =>
      exchange({ host, port, method, path, headers }, fingerprint, body);
    const credentials = JSON.stringify({ UserName: bmc.username, Password: bmc.password });
    const opened = await ask("POST", sessionsPath, { "Content-Type": "application/json" }, credentials);
    if (opened.status !== 201) {
      throw new CheckError(`HTTP status ${opened.status}: ${remedyFor(opened.status)}`);
    }
    await ask("DELETE", opened.location, { "X-Auth-Token": opened.token });
    return { ok: true, detail: `logged in as ${bmc.username} at ${host} port ${port}` };
  } catch (error) {
    return { ok: false, detail: reasonOf(error) };
  }
}

function remedyFor(status: number): string {
  return status === 401
    ? "its account was changed over IPMI or Redfish; use that one, or change it back"
    : "see the log of vbmcd";
}

interface Target {
  readonly host: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
}

function exchange(target: Target, fingerprint: string | undefined, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // Pinned below: our own certificate has no authority.
    const asked = request({ ...target, agent: false, rejectUnauthorized: false }, (answer) => {
      answer.resume();
      answer.once("end", () =>
        resolve({
          status: answer.statusCode ?? 0,
          token: String(answer.headers["x-auth-token"] ?? ""),
          location: answer.headers.location ?? "",
        }),
      );
    });
    const bound = setTimeout(() => asked.destroy(new CheckError(`no answer within ${timeoutMs} ms`)), timeoutMs);
    asked.once("close", () => clearTimeout(bound));
    asked.once("error", reject);
    asked.once("socket", (socket) =>
      socket.once("secureConnect", () => {
        const shown = socket instanceof TLSSocket ? socket.getPeerCertificate().fingerprint256 : "none";
        if (shown === fingerprint) {
          asked.end(body);
        } else {
          asked.destroy(new CheckError(`another certificate is shown (${shown}): another program may have this port`));
        }
      }),
    );
  });
}

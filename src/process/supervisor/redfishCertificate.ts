/** The certificate that all Redfish services of a daemon show: configured, or of its own making. */
import { hostname, networkInterfaces } from "node:os";

import { reasonOf } from "../../base/errors.js";
import { readAddress } from "../../io/address/spelling.js";
import { fileFault } from "../../io/files/errno.js";
import { readRegularFile } from "../../io/files/regularFile.js";
import type { Log } from "../../io/log/log.js";
import type { Config } from "../../settings/config/config.js";
import type { CertificateMessage } from "../ipc/child.js";
import { ownCertificate } from "./ownCertificate.js";
import { checkPair, type PemPair, type ServiceCertificate } from "./pemPair.js";

export interface RedfishCertificateOptions {
  readonly config: () => Config;
  readonly log: Log;
  /** Addresses of the BMCs that serve Redfish, as they are configured. */
  readonly addresses: () => readonly string[];
  /** Makes a self-signed one for host names and addresses. */
  readonly make: (names: readonly string[]) => Promise<PemPair>;
  /** There is one, or another one, or will be soon, or there is a reason why not. */
  readonly onChange: (message: CertificateMessage) => void;
}

/** A chain of some certificates, bytes. */
const longestFile = 1_024 * 1_024;
/** A handshake carries all names; those of large fleets are left to a configured certificate. */
const mostNames = 100;
const dayMs = 24 * 60 * 60 * 1_000;
/** Whoever has to renew it needs some time. */
const expirySoonDays = 30;

export class RedfishCertificate {
  #current: ServiceCertificate | undefined;
  #isWanted = false;
  #turn: Promise<void> = Promise.resolve();
  #isLoading = false;

  constructor(private readonly options: RedfishCertificateOptions) {}

  /** SHA-256 with colons; undefined while there is no certificate. */
  get fingerprint(): string | undefined {
    return this.#current?.fingerprint;
  }

  /** Sees to it that there is one, soon: a service is about to begin. */
  want(): void {
    this.#isWanted = true;
    if (this.#current === undefined && !this.#isLoading) {
      this.#load();
    }
  }

  /** Reads it again, where one is in use; one that cannot be used leaves the former in place. */
  renew(): void {
    if (this.#isWanted) {
      this.#load();
    }
  }

  #load(): void {
    this.#isLoading = true;
    if (this.#current === undefined) {
      this.options.onChange({ type: "certificate", isComing: true });
    }
    this.#turn = this.#turn.then(() => this.#loadNow());
  }

  async #loadNow(): Promise<void> {
    const { log, onChange } = this.options;
    try {
      const { certificate, key, fingerprint, validTo } = await this.#read().finally(() => (this.#isLoading = false));
      if (fingerprint !== this.#current?.fingerprint) {
        log.info({ fingerprint, validTo: validTo.toISOString() }, "the Redfish services show this certificate");
      }
      this.#current = { certificate, key, fingerprint, validTo };
      this.#warnOfExpiry(validTo);
      onChange({ type: "certificate", certificate, key });
    } catch (error) {
      const reason = reasonOf(error);
      log.error({ reason }, this.#current ? "the Redfish services keep their certificate" : "there is no certificate");
      if (this.#current === undefined) {
        onChange({ type: "certificate", fault: reason });
      }
    }
  }

  #read(): Promise<ServiceCertificate> {
    const { config, log, make } = this.options;
    const { configDir, redfish } = config();
    return redfish.certificateFile !== undefined && redfish.keyFile !== undefined
      ? Promise.resolve().then(() => readConfigured(redfish.certificateFile ?? "", redfish.keyFile ?? ""))
      : ownCertificate(configDir, () => make(this.#names()), log);
  }

  #warnOfExpiry(validTo: Date): void {
    const days = Math.floor((validTo.getTime() - Date.now()) / dayMs);
    if (days < expirySoonDays) {
      const when = days < 0 ? "has expired" : `expires in ${days} days`;
      this.options.log.warn(`the certificate of the Redfish services ${when}: put a new one in place and send SIGHUP`);
    }
  }

  /** By what clients may call this host and its BMCs. */
  #names(): string[] {
    const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const texts = ["localhost", hostname(), "127.0.0.1", "::1", ...own.map(({ address }) => address)];
    const names = [...texts, ...this.options.addresses()].flatMap((text) => {
      const read = readAddress(text);
      return read === undefined ? [] : [read.kind === "ip" ? read.address : read.name];
    });
    return [...new Set(names.filter(isCertifiable))].slice(0, mostNames);
  }
}

/** A certificate has no place for a zone, and nobody connects to a wildcard. */
function isCertifiable(address: string): boolean {
  return !address.includes("%") && !["::", "0.0.0.0"].includes(address);
}

/** Rejects with one line that names the file. */
function readConfigured(certificateFile: string, keyFile: string): ServiceCertificate {
  const certificate = readFile("certificate_file", certificateFile);
  const key = readFile("key_file", keyFile);
  try {
    return checkPair({ certificate, key });
  } catch (error) {
    throw new Error(`[redfish] certificate_file = ${certificateFile}, key_file = ${keyFile}: ${reasonOf(error)}`);
  }
}

function readFile(key: string, file: string): string {
  try {
    return readRegularFile(file, longestFile).toString();
  } catch (error) {
    throw new Error(`[redfish] ${key} = ${file}: ${fileFault(error)}`);
  }
}

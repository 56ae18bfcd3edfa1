/** A certificate that services of the daemon show: configured or self-signed. */
import { hostname, networkInterfaces } from "node:os";
import path from "node:path";

import { createSerialQueue } from "../../base/async/serialQueue.js";
import { reasonOf } from "../../base/errors.js";
import { readAddress } from "../../io/address/spelling.js";
import { fileFault } from "../../io/files/errno.js";
import { readRegularFile } from "../../io/files/regularFile.js";
import type { Log } from "../../io/log/log.js";
import type { Config } from "../../settings/config/config.js";
import type { CertificateMessage } from "../ipc/child.js";
import { ownCertificate } from "./ownCertificate.js";
import { checkPair, type PemPair, type ServiceCertificate } from "./pemPair.js";

/** The services that show it. */
export interface CertifiedService {
  /** Section of virtualbmc.conf with `certificate_file` and `key_file`. */
  readonly section: "redfish" | "console";
  /** File name in config_dir of one that the daemon created. */
  readonly fileName: string;
  /** For logs, plural: `the Redfish services`. */
  readonly words: string;
}

/** Cannot be the name of a VM: names with a leading dot are refused. */
export const redfishServices: CertifiedService = {
  section: "redfish",
  fileName: ".redfish-certificate.pem",
  words: "the Redfish services",
};
export const consoleConnections: CertifiedService = {
  section: "console",
  fileName: ".console-certificate.pem",
  words: "the console concentrator's connections",
};

export interface ServiceCertificateOptions {
  readonly config: () => Config;
  readonly log: Log;
  readonly service: CertifiedService;
  /** The configured addresses for which it should be valid. */
  readonly addresses: () => readonly string[];
  /** Creates a self-signed one for host names and addresses. */
  readonly make: (names: readonly string[]) => Promise<PemPair>;
  /** The certificate exists or has changed, will be available soon, or there is a reason why not. */
  readonly onChange: (message: CertificateMessage) => void;
}

/** A chain of some certificates, bytes. */
const maxFileBytes = 1_024 * 1_024;
/** A handshake sends all names; large fleets should configure a certificate. */
const maxNames = 100;
const dayMs = 24 * 60 * 60 * 1_000;
/** Renewal takes some time. */
const expirySoonDays = 30;

export interface KeptCertificate {
  /** SHA-256 with colons; undefined without a certificate. */
  readonly fingerprint: string | undefined;
  /** SHA-1, likewise. */
  readonly sha1: string | undefined;
  /** Makes sure that there is one soon: a service is about to start. */
  readonly want: () => void;
  /** Reads it again, if it is in use; an unusable one leaves the previous one in place. */
  readonly renew: () => void;
}

export function createServiceCertificate(options: ServiceCertificateOptions): KeptCertificate {
  const { log, service, onChange } = options;
  const queue = createSerialQueue();
  let current: ServiceCertificate | undefined;
  let isWanted = false;
  let isLoading = false;

  function load(): void {
    isLoading = true;
    if (current === undefined) {
      onChange({ type: "certificate", isComing: true });
    }
    void queue.run(loadNow);
  }

  async function loadNow(): Promise<void> {
    try {
      const loaded = await readCertificate(options).finally(() => (isLoading = false));
      const { certificate, key, fingerprint, validTo } = loaded;
      if (fingerprint !== current?.fingerprint) {
        log.info({ fingerprint, validTo: validTo.toISOString() }, `${service.words} show this certificate`);
      }
      current = loaded;
      warnOfExpiry(validTo, service, log);
      onChange({ type: "certificate", certificate, key });
    } catch (error) {
      const reason = reasonOf(error);
      log.error(
        { reason },
        current ? `${service.words} keep their certificate` : `there is no certificate for ${service.words}`,
      );
      if (current === undefined) {
        onChange({ type: "certificate", fault: reason });
      }
    }
  }

  return {
    get fingerprint() {
      return current?.fingerprint;
    },
    get sha1() {
      return current?.sha1;
    },
    want: () => {
      isWanted = true;
      if (current === undefined && !isLoading) {
        load();
      }
    },
    renew: () => {
      if (isWanted) {
        load();
      }
    },
  };
}

async function readCertificate({
  config,
  log,
  service,
  make,
  addresses,
}: ServiceCertificateOptions): Promise<ServiceCertificate> {
  const { configDir, [service.section]: section } = config();
  const { certificateFile, keyFile } = section;
  return certificateFile !== undefined && keyFile !== undefined
    ? readConfigured(service, certificateFile, keyFile)
    : ownCertificate(
        path.join(configDir, service.fileName),
        service.words,
        () => make(certifiedNames(addresses())),
        log,
      );
}

function warnOfExpiry(validTo: Date, { words }: CertifiedService, log: Log): void {
  const days = Math.floor((validTo.getTime() - Date.now()) / dayMs);
  if (days < expirySoonDays) {
    const when = days < 0 ? "has expired" : `expires in ${days} days`;
    log.warn(`the certificate of ${words} ${when}: replace it and send SIGHUP`);
  }
}

/** The names by which clients may call this host and its BMCs. */
function certifiedNames(addresses: readonly string[]): string[] {
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const texts = ["localhost", hostname(), "127.0.0.1", "::1", ...own.map(({ address }) => address)];
  const names = [...texts, ...addresses].flatMap((text) => {
    const read = readAddress(text);
    return read === undefined ? [] : [read.kind === "ip" ? read.address : read.name];
  });
  return [...new Set(names.filter(isCertifiable))].slice(0, maxNames);
}

/** A certificate cannot contain a zone, and no client connects to a wildcard. */
function isCertifiable(address: string): boolean {
  return !address.includes("%") && !["::", "0.0.0.0"].includes(address);
}

/** Rejects with one line that names the file. */
function readConfigured({ section }: CertifiedService, certificateFile: string, keyFile: string): ServiceCertificate {
  const certificate = readFile(section, "certificate_file", certificateFile);
  const key = readFile(section, "key_file", keyFile);
  try {
    return checkPair({ certificate, key });
  } catch (error) {
    throw new Error(`[${section}] certificate_file = ${certificateFile}, key_file = ${keyFile}: ${reasonOf(error)}`);
  }
}

function readFile(section: string, key: string, file: string): string {
  try {
    return readRegularFile(file, maxFileBytes).toString();
  } catch (error) {
    throw new Error(`[${section}] ${key} = ${file}: ${fileFault(error)}`);
  }
}

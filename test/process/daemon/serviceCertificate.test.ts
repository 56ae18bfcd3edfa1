/** The certificate of the Redfish services: made once, kept, or configured. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { openLog } from "../../../src/io/log/log.js";
import { makeSelfSigned } from "../../../src/process/daemon/selfSigned.js";
import type { CertificateMessage } from "../../../src/process/ipc/child.js";
import {
  createServiceCertificate,
  type KeptCertificate,
  redfishServices,
} from "../../../src/process/supervisor/serviceCertificate.js";
import { loadConfig } from "../../../src/settings/config/loadConfig.js";
import { patiently } from "../../support/patience.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const root = temporaryFolder();
const { log } = openLog({ logfile: path.join(root, "log"), debug: false, format: "json" });
const fileName = ".redfish-certificate.pem";

function logged(): string {
  return readFileSync(path.join(root, "log"), "utf8");
}

interface Daemon {
  readonly certificate: KeptCertificate;
  /** The next word that is no promise. */
  readonly told: () => Promise<Exclude<CertificateMessage, { isComing: true }>>;
}

function daemon(configDir: string, redfish: { certificateFile?: string; keyFile?: string } = {}): Daemon {
  const base = loadConfig({}, root);
  const words: Exclude<CertificateMessage, { isComing: true }>[] = [];
  let onWord: () => void = () => undefined;
  const certificate = createServiceCertificate({
    config: () => ({ ...base, configDir, redfish: { ...base.redfish, ...redfish } }),
    log,
    service: redfishServices,
    addresses: () => ["192.0.2.101", "bmc1.example.com", "::", "0x7f.1"],
    make: makeSelfSigned,
    onChange: (message) => {
      if (!("isComing" in message)) {
        words.push(message);
        onWord();
      }
    },
  });
  return {
    certificate,
    told: async () => {
      if (words.length === 0) {
        await patiently(new Promise<void>((resolve) => (onWord = resolve)), () => "no further message");
      }
      return words.shift()!;
    },
  };
}

async function pairOf({ certificate, told }: Daemon): Promise<{ certificate: string; key: string }> {
  certificate.want();
  const message = await told();
  assert.ok("certificate" in message, JSON.stringify(message));
  return message;
}

function folder(): string {
  return mkdtempSync(path.join(root, "config-"));
}

test("it is made once, for the host and its BMCs by name and address, and kept with its key for its owner only", async () => {
  const configDir = folder();
  const { certificate } = await pairOf(daemon(configDir));
  const read = new X509Certificate(certificate);
  assert.equal(read.publicKey.asymmetricKeyType, "ec");
  assert.equal(read.publicKey.asymmetricKeyDetails?.namedCurve, "prime256v1");
  for (const name of ["localhost", "bmc1.example.com"]) {
    assert.ok(read.checkHost(name), name);
  }
  for (const address of ["192.0.2.101", "127.0.0.1", "::1"]) {
    assert.ok(read.checkIP(address), address);
  }
  assert.equal(read.checkIP("0.0.0.0"), undefined);
  assert.equal(statSync(path.join(configDir, fileName)).mode & 0o777, 0o600);
  const again = daemon(configDir);
  assert.equal(new X509Certificate((await pairOf(again)).certificate).fingerprint256, read.fingerprint256);
  assert.equal(again.certificate.fingerprint, read.fingerprint256);
});

test("daemons that begin at the same time on one folder show the same certificate", async () => {
  const configDir = folder();
  const pairs = await Promise.all([1, 2, 3].map(() => pairOf(daemon(configDir))));
  assert.equal(new Set(pairs.map(({ certificate }) => new X509Certificate(certificate).fingerprint256)).size, 1);
});

for (const [what, spoil] of [
  ["a damaged file", (file: string) => writeFileSync(file, "-----BEGIN CERTIFICATE-----\nnonsense\n")],
  ["a folder in its place", (file: string) => mkdirSync(file)],
] as const) {
  test(`${what} is renamed, and a new certificate made`, async () => {
    const configDir = folder();
    spoil(path.join(configDir, fileName));
    await pairOf(daemon(configDir));
    assert.deepEqual(readdirSync(configDir).sort(), [fileName, `${fileName}.damaged`]);
    assert.match(logged(), new RegExp(`${configDir}/${fileName} is unusable: `));
  });
}

test("where nothing can be written it is good for this start, and that is reported", async () => {
  const configDir = path.join(folder(), "missing");
  const { certificate } = await pairOf(daemon(configDir));
  assert.ok(new X509Certificate(certificate).checkIP("192.0.2.101"));
  assert.match(logged(), /missing\/\.redfish-certificate\.pem cannot be written: .*changes with each start/);
});

test("a configured pair that does not fit is reported with its files; SIGHUP takes it once it fits, and keeps it when the next does not", async () => {
  const configDir = folder();
  const [certificateFile, keyFile] = [path.join(configDir, "a.crt"), path.join(configDir, "a.key")];
  const [good, other] = [await makeSelfSigned(["a"]), await makeSelfSigned(["b"])];
  const { certificate, told } = daemon(configDir, { certificateFile, keyFile });
  certificate.want();
  assert.deepEqual(await told(), {
    type: "certificate",
    fault: `[redfish] certificate_file = ${certificateFile}: no such file or folder`,
  });
  writeFileSync(certificateFile, good.certificate);
  writeFileSync(keyFile, other.key);
  certificate.want();
  const word = await told();
  assert.match(
    "fault" in word ? word.fault : "",
    /a\.crt, key_file = .*a\.key: the key does not match the certificate/,
  );
  writeFileSync(keyFile, good.key);
  certificate.renew();
  assert.ok("certificate" in (await told()));
  const { fingerprint } = certificate;
  assert.equal(fingerprint, new X509Certificate(good.certificate).fingerprint256);
  writeFileSync(certificateFile, "");
  certificate.renew();
  writeFileSync(certificateFile, other.certificate);
  writeFileSync(keyFile, other.key);
  certificate.renew();
  assert.ok("certificate" in (await told()));
  assert.deepEqual(
    readdirSync(configDir).filter((name) => name === fileName),
    [],
    "none of its own is made",
  );
});

test("without a service nothing is made, whatever SIGHUP says", () => {
  const configDir = folder();
  daemon(configDir).certificate.renew();
  assert.deepEqual(readdirSync(configDir), []);
});

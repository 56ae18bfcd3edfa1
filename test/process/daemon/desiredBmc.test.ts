import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { defaultFakemac, toDesiredBmc } from "../../../src/process/supervisor/desiredBmc.js";
import { loadConfig } from "../../../src/settings/config/loadConfig.js";
import { toStoredBmc } from "../../../src/settings/store/storedBmc.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const config = loadConfig({}, "/home/u");

function desired(name: string, values: Readonly<Record<string, string>>) {
  const all = { username: "admin", password: "password", port: "6230", ...values };
  return toDesiredBmc(toStoredBmc(name, new Map(Object.entries(all))), `/x/${name}`, config, "1.2.3");
}

function route(values: Readonly<Record<string, string>>) {
  const found = desired("vm1", { viserver: "vc", viserver_username: "u", viserver_password: "p", ...values }).route;
  assert.ok("key" in found);
  return found;
}

test("the default fake MAC is 02:00:00 and the first three bytes of the MD5 of the name", () => {
  // echo -n lab-vesxi01 | md5sum
  assert.equal(defaultFakemac("lab-vesxi01"), "02:00:00:88:b3:d2");
});

test("a child gets all it needs to serve the BMC", () => {
  assert.deepEqual(desired("vm1", { address: "::1", kg: "secret", fakemac: "02-00-00-AB-cd-ef" }).configuration, {
    vmName: "vm1",
    firmwareVersion: "1.2.3",
    address: "::1",
    port: 6230,
    username: "admin",
    password: "password",
    fakemac: "02:00:00:AB:cd:ef",
    directory: "/x/vm1",
    ipmi: {
      sessionTimeoutSeconds: 60,
      cipherSuites: [3, 17],
      maxSessions: 64,
      ipmi15Auth: ["md5"],
      badPasswordThreshold: 0,
      badPasswordResetSeconds: 300,
      badPasswordLockoutSeconds: 300,
      kgHex: "736563726574" + "00".repeat(14),
    },
  });
});

test("a child serves Redfish where a port for it is configured, and only there", () => {
  assert.deepEqual(desired("vm1", { redfish_port: "8443" }).configuration.redfish, {
    port: 8443,
    sessionTimeoutSeconds: 1800,
    maxSessions: 64,
    maxConnections: 256,
    allowsEventLoopback: false,
  });
  assert.equal(desired("vm1", { redfish_port: "" }).configuration.redfish, undefined);
});

test("one account is one link; another server, user, password or certificate is another", () => {
  const { key } = route({});
  assert.equal(route({ vm_name: "other", port: "1" }).key, key);
  for (const change of [
    { viserver: "vc2" },
    { viserver_username: "v" },
    { viserver_password: "q" },
    { viserver_thumbprint: "ab".repeat(32) },
    { viserver_cafile: "/ca.pem" },
    { viserver_insecure: "true" },
  ]) {
    assert.notEqual(route(change).key, key, JSON.stringify(change));
  }
  assert.doesNotMatch(key, /[^0-9a-f]/, "a digest, since the password is part of it");
});

test("a link remembers the certificate in a folder of its own, that no VM can have, whatever the password", () => {
  const { trustFile } = route({}).configuration.tls;
  assert.match(trustFile ?? "", /^\/home\/u\/\.vbmc\/\.links\/[0-9a-f]{16}\/certificate$/);
  assert.equal(route({ viserver_password: "new" }).configuration.tls.trustFile, trustFile);
});

test("the VM is looked for by the name in the file, and by its UUID when there is one", () => {
  const uuid = "4231fd4e-8a3c-2d5f-1b6e-7c9d0a1b2c3d";
  assert.deepEqual(route({ vm_name: "vm1" }).machine, { vmName: "vm1", directory: "/x/vm1" });
  assert.deepEqual(route({ vm_name: "Lab 1", vm_uuid: uuid.toUpperCase() }).machine, {
    vmName: "vm1",
    machineName: "Lab 1",
    vmUuid: uuid,
    directory: "/x/vm1",
  });
});

test("without a server, or without an account, there is a reason instead of a link", () => {
  const reason = (values: Readonly<Record<string, string>>) => JSON.stringify(desired("vm1", values).route);
  assert.match(reason({}), /no viserver is configured for vm1: vbmc set vm1 --viserver … --viserver-username …/);
  assert.match(
    reason({ viserver: "vc" }),
    /no vSphere user name and password are configured for vm1: vbmc set vm1 --viserver-username …/,
  );
});

test("a vSphere password may be in a file of its own", () => {
  const folder = temporaryFolder();
  const file = path.join(folder, "password");
  writeFileSync(file, "s3cret \r\n# more\n");
  assert.equal(route({ viserver_password: `@${file}` }).configuration.password, "s3cret ");
  const missing = { viserver: "vc", viserver_username: "u", viserver_password: "@/nonexistent" };
  assert.match(
    JSON.stringify(desired("vm1", missing).route),
    /cannot read the vSphere password of vm1: .*: no such file or folder/,
  );
  assert.equal(route({ viserver_password: "@home" }).configuration.password, "@home", "no path");
});

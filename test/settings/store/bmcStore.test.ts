import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";

import { createBmcStore, type StoredChanges } from "../../../src/settings/store/bmcStore.js";
import { StoreError } from "../../../src/settings/store/storeError.js";
import { peer } from "../../support/peer.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const root = temporaryFolder();
let count = 0;

/** A store on a new folder, and the warnings it gives. */
function newStore() {
  const configDir = path.join(root, String(count++));
  const warnings: string[] = [];
  const store = createBmcStore(configDir, (warning) => warnings.push(warning));
  store.prepare();
  return { store, configDir, warnings };
}

/** A VM folder as someone else made it. */
function plant(configDir: string, name: string, text: string | Buffer, mode = 0o600): string {
  const folder = path.join(configDir, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, "config");
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

const values: StoredChanges = {
  vm_name: "vm1",
  username: "admin",
  password: "50% & more",
  port: "6230",
  address: "::",
  fakemac: "02:00:00:aa:bb:cc",
  viserver: "vc.example.org",
  viserver_username: "root",
  viserver_password: "secret",
  active: "False",
};

const mode = (file: string) => statSync(file).mode & 0o777;
const isKind = (kind: string) => (error: unknown) => error instanceof StoreError && error.kind === kind;

describe("writing", () => {
  test("a BMC is written as the original writes it, 0600 in a folder 0700", async () => {
    const { store, configDir } = newStore();
    await store.add("vm1", values);
    const file = path.join(configDir, "vm1", "config");
    assert.equal(
      readFileSync(file, "utf8"),
      `[VirtualBMC]
vm_name = vm1
username = admin
password = 50%% & more
port = 6230
address = ::
fakemac = 02:00:00:aa:bb:cc
viserver = vc.example.org
viserver_username = root
viserver_password = secret
active = False

`,
    );
    assert.equal(mode(file), 0o600);
    assert.equal(mode(path.dirname(file)), 0o700);
    assert.equal(mode(configDir), 0o700);
  });

  test("adding one that exists is refused in the words of the original and changes nothing", async () => {
    const { store, configDir } = newStore();
    await store.add("vm1", values);
    await assert.rejects(store.add("vm1", { ...values, port: "1" }), {
      message: `[Errno 17] File exists: '${configDir}/vm1'`,
    });
    const content = store.read("vm1");
    assert.ok(content !== undefined && "bmc" in content);
    assert.equal(content.bmc.port, 6230);
    assert.deepEqual(readdirSync(configDir), ["vm1"]);
  });

  test("a folder that holds something else is not taken over, an empty one is", async () => {
    const { store, configDir } = newStore();
    mkdirSync(path.join(configDir, "log"));
    writeFileSync(path.join(configDir, "log", "vbmcd.log"), "x");
    await assert.rejects(store.add("log", values), isKind("exists"));
    writeFileSync(path.join(configDir, "file"), "x");
    await assert.rejects(store.add("file", values), isKind("exists"));
    mkdirSync(path.join(configDir, "empty"));
    await store.add("empty", values);
    assert.ok(store.read("empty"));
  });

  test("an update keeps unknown keys, and removes what is undefined", async () => {
    const { store, configDir } = newStore();
    plant(
      configDir,
      "vm1",
      "[VirtualBMC]\ncolour = red\nvm_name: vm1\nusername=u\npassword=p\nport=1\nvm_uuid =\nkg = abc\n",
    );
    await store.update("vm1", { active: "True", kg: undefined });
    assert.equal(
      readFileSync(path.join(configDir, "vm1", "config"), "utf8"),
      "[VirtualBMC]\nvm_name = vm1\nvm_uuid = \nusername = u\npassword = p\nport = 1\nactive = True\ncolour = red\n\n",
    );
  });

  test("an update that changes nothing does not touch the file", async () => {
    const { store, configDir } = newStore();
    const file = plant(configDir, "vm1", "[VirtualBMC]\n# by hand\nusername=u\npassword=p\nport=1\nactive = True\n");
    await store.update("vm1", { active: "True" });
    assert.match(readFileSync(file, "utf8"), /# by hand/);
    const odd = "[VirtualBMC]\nactive = True\ncolour = red\nport = 1\npassword = p\nusername = u\n";
    const other = plant(configDir, "vm2", odd);
    await store.update("vm2", { active: "True", kg: undefined });
    assert.equal(readFileSync(other, "utf8"), odd, "its own order of keys is no change");
  });

  test("changes to one BMC at the same time all arrive", async () => {
    const { store } = newStore();
    await store.add("vm1", values);
    await Promise.all([
      store.update("vm1", { port: "1" }),
      store.update("vm1", { address: "127.0.0.1" }),
      store.update("vm1", { active: "True" }),
    ]);
    const content = store.read("vm1");
    assert.ok(content !== undefined && "bmc" in content);
    assert.deepEqual([content.bmc.port, content.bmc.address, content.bmc.active], [1, "127.0.0.1", true]);
  });

  test("a value that no file can hold is refused", async () => {
    const { store, configDir } = newStore();
    await assert.rejects(store.add("vm1", { ...values, viserver: "a\nactive = True" }), isKind("invalidValue"));
    assert.deepEqual(readdirSync(configDir), []);
  });

  const bad: readonly (readonly [StoredChanges, RegExp])[] = [
    [{ port: "0" }, /^port must be a number from 1 to 65535$/],
    [{ port: "-5" }, /^port must/],
    [{ port: "99999" }, /^port must/],
    [{ port: undefined }, /^port is missing$/],
    [{ address: "no where" }, /^address must be an IPv4 or IPv6 address or a host name$/],
    [{ fakemac: "zz" }, /^fakemac must be a MAC address/],
    [{ vm_uuid: "1-2" }, /^vm_uuid must be a UUID/],
    [{ username: "12345678901234567" }, /^username must not be longer than 16 bytes$/],
    [{ password: "ü".repeat(11) }, /^password must not be longer than 20 bytes$/],
    [{ viserver_password: undefined }, /^set both viserver_username and viserver_password/],
    [{ kg: "x".repeat(21) }, /^kg must be up to 20 bytes/],
    [{ viserver_thumbprint: "12" }, /^viserver_thumbprint must be/],
  ];
  for (const [change, message] of bad) {
    test(`a bad value is refused: ${JSON.stringify(change)}`, async () => {
      const { store, configDir } = newStore();
      await assert.rejects(store.add("vm1", { ...values, ...change }), { message });
      assert.deepEqual(readdirSync(configDir), []);
    });
  }
});

describe("names", () => {
  for (const name of [
    "",
    ".",
    "..",
    "../x",
    "a/b",
    "/etc",
    ".hidden",
    "a\0b",
    "a\nb",
    "x".repeat(81),
    "😀".repeat(80),
  ]) {
    test(`refused, and nothing is touched: ${JSON.stringify(name.slice(0, 12))}`, async () => {
      const { store, configDir } = newStore();
      writeFileSync(path.join(configDir, "witness"), "");
      await assert.rejects(store.add(name, values), isKind("invalidName"));
      await assert.rejects(store.update(name, { active: "True" }), isKind("invalidName"));
      await assert.rejects(store.delete(name), isKind("invalidName"));
      assert.equal(store.read(name), undefined);
      assert.deepEqual(readdirSync(configDir), ["witness"]);
    });
  }

  for (const name of [
    " lead",
    "trail ",
    "a b",
    "名前",
    "50%",
    "x;y#z",
    "__proto__",
    "true",
    "constructor",
    "x".repeat(80),
    "a\\b",
    "~",
    "-rf",
    "config",
  ]) {
    test(`works from add to delete: ${JSON.stringify(name.slice(0, 12))}`, async () => {
      const { store, configDir } = newStore();
      await store.add(name, { ...values, vm_name: name });
      await store.update(name, { active: "True" });
      const entry = createBmcStore(configDir, () => undefined)
        .list()
        .get(name);
      assert.ok(entry !== undefined && "bmc" in entry);
      assert.deepEqual([entry.bmc.name, entry.bmc.vmName, entry.bmc.active], [name, name, true]);
      await store.delete(name);
      assert.deepEqual(readdirSync(configDir), []);
    });
  }

  test("a folder that links elsewhere is unlinked, not emptied", async () => {
    const { store, configDir } = newStore();
    const elsewhere = path.join(root, "elsewhere");
    plant(root, "elsewhere", "[VirtualBMC]\nusername=u\npassword=p\nport=1\n");
    symlinkSync(elsewhere, path.join(configDir, "vm1"));
    await store.delete("vm1");
    assert.deepEqual(readdirSync(configDir), []);
    assert.ok(existsSync(path.join(elsewhere, "config")));
  });
});

describe("reading", () => {
  test("a file of the original, with what people do to files by hand", () => {
    const { store, configDir } = newStore();
    plant(
      configDir,
      "vm1",
      "; mine\r\n[VirtualBMC]\r\nVM_Name: lab #1\r\nusername = admin\r\npassword = a;b#c%%\r\nport=6230\r\nvm_uuid = 4231FD4E-8a3c-2d5f-1b6e-7c9d0a1b2c3d\r\nfakemac = 02-00-00-AA-bb-cc\r\nactive = TRUE\r\nviserver =\r\n",
    );
    const entry = store.list().get("vm1");
    assert.ok(entry !== undefined && "bmc" in entry);
    assert.deepEqual(entry.bmc, {
      values: entry.bmc.values,
      name: "vm1",
      vmName: "lab #1",
      vmUuid: "4231fd4e-8a3c-2d5f-1b6e-7c9d0a1b2c3d",
      username: "admin",
      password: "a;b#c%",
      port: 6230,
      address: "::",
      fakemac: "02:00:00:AA:bb:cc",
      active: true,
    });
  });

  for (const [text, active] of [
    ["True", true],
    ["true", true],
    ["yes", false],
    ["1", false],
    ["", false],
  ] as const) {
    test(`active = ${text} is ${active ? "active" : "not active"}`, () => {
      const { store, configDir } = newStore();
      plant(configDir, "vm1", `[VirtualBMC]\nusername=u\npassword=p\nport=1\nactive = ${text}\n`);
      const entry = store.read("vm1");
      assert.equal(entry !== undefined && "bmc" in entry && entry.bmc.active, active);
    });
  }

  const broken: readonly (readonly [string, string | Buffer, RegExp])[] = [
    ["empty", "", /section \[VirtualBMC\] is missing/],
    ["torn", "[VirtualBMC]\nvm_na", /line 2/],
    ["binary", Buffer.from([0xff, 0xfe, 0x00]), /not UTF-8/],
    ["bad port", "[VirtualBMC]\nusername=u\npassword=p\nport=x\n", /port must be/],
    ["no password", "[VirtualBMC]\nusername=u\nport=1\n", /password is missing/],
  ];
  for (const [title, text, fault] of broken) {
    test(`a broken file is its own BMC's fault only: ${title}`, () => {
      const { store, configDir, warnings } = newStore();
      const file = plant(configDir, "vm1", text);
      plant(configDir, "vm2", "[VirtualBMC]\nusername=u\npassword=p\nport=1\n");
      const entries = store.list();
      const entry = entries.get("vm1");
      assert.ok(entry !== undefined && "fault" in entry);
      assert.match(entry.fault, fault);
      assert.ok(entry.fault.startsWith(file));
      assert.ok("bmc" in (entries.get("vm2") ?? {}));
      assert.equal(warnings.length, 1);
    });
  }

  test("a broken BMC can be deleted", async () => {
    const { store, configDir } = newStore();
    plant(configDir, "vm1", "");
    await store.delete("vm1");
    assert.deepEqual(readdirSync(configDir), []);
  });

  test("folders without a config, and files, are ignored", () => {
    const { store, configDir, warnings } = newStore();
    mkdirSync(path.join(configDir, "log"));
    mkdirSync(path.join(configDir, ".links"));
    writeFileSync(path.join(configDir, "virtualbmc.conf"), "");
    assert.equal(store.list().size, 0);
    assert.deepEqual(warnings, []);
  });

  test("a BMC of OpenStack's virtualbmc is skipped with a warning, once", () => {
    const { store, configDir, warnings } = newStore();
    const file = plant(configDir, "node-1", "[VirtualBMC]\ndomain_name = node-1\nusername=u\npassword=p\nport=1\n");
    assert.equal(store.list().size, 0);
    store.list();
    assert.deepEqual(warnings, [`${file} belongs to OpenStack's virtualbmc (domain_name) and is skipped`]);
  });

  test("a flag that is neither true nor false is false, with a warning that names what it takes, once", () => {
    const { store, configDir, warnings } = newStore();
    const keys = "username=u\npassword=p\nport=1\nactive = yes\nviserver_insecure = maybe\n";
    const file = plant(configDir, "vm1", `[VirtualBMC]\n${keys}`);
    plant(configDir, "vm2", "[VirtualBMC]\nusername=u\npassword=p\nport=1\nactive = \nviserver_insecure = FALSE\n");
    const entry = store.list().get("vm1");
    store.list();
    assert.ok(entry && "bmc" in entry);
    assert.deepEqual([entry.bmc.active, entry.bmc.viserverInsecure], [false, undefined]);
    assert.deepEqual(warnings, [
      `${file}: active = yes counts as False: use True or False`,
      `${file}: viserver_insecure = maybe counts as False: use True or False`,
    ]);
  });

  test("modes that let others read are tightened, with a warning, once", () => {
    const { store, configDir, warnings } = newStore();
    const file = plant(configDir, "vm1", "[VirtualBMC]\nusername=u\npassword=p\nport=1\n", 0o666);
    chmodSync(path.dirname(file), 0o777);
    store.list();
    store.list();
    assert.deepEqual([mode(file), mode(path.dirname(file))], [0o600, 0o700]);
    assert.equal(warnings.length, 2);
    assert.match(warnings[1] ?? "", /config was accessible to others \(mode 0666\); changed to 0600/);
  });

  test("an edit is seen at the next look, an unchanged file is not parsed again", () => {
    const { store, configDir } = newStore();
    const text = (port: number) => `[VirtualBMC]\nusername=u\npassword=p\nport=${port}\n`;
    const file = plant(configDir, "vm1", text(1));
    const first = store.read("vm1");
    assert.equal(store.list().get("vm1"), first, "the very same object");
    writeFileSync(file, text(2));
    utimesSync(file, 1, 1);
    const second = store.read("vm1");
    assert.ok(second !== undefined && "bmc" in second);
    assert.equal(second.bmc.port, 2);
  });

  test("a config_dir that has gone holds no BMCs", () => {
    const store = createBmcStore(path.join(root, "gone"), () => undefined);
    assert.equal(store.list().size, 0);
  });
});

describe("what a killed daemon left", () => {
  test("old unfinished files and folders are cleared, young ones may belong to another daemon", async () => {
    const { store, configDir } = newStore();
    await store.add("vm1", values);
    for (const name of [".unfinished-1-0", "vm1/.unfinished-1-1"]) {
      writeFileSync(path.join(configDir, name), "half");
    }
    writeFileSync(path.join(configDir, ".unfinished-2-0"), "young");
    for (const name of [".unfinished-1-0", "vm1/.unfinished-1-1"]) {
      utimesSync(path.join(configDir, name), 1, 1);
    }
    store.prepare();
    assert.deepEqual(readdirSync(configDir).sort(), [".unfinished-2-0", "vm1"]);
    assert.deepEqual(readdirSync(path.join(configDir, "vm1")), ["config"]);
  });
});

const python = peer("python3", () => existsSync("/usr/bin/python3"));

test("Python's configparser reads what we wrote, and we read what it wrote", { skip: python.skip }, async () => {
  const { store, configDir } = newStore();
  const tricky = {
    ...values,
    password: " 5%;#=[x] ",
    viserver_password: "&<>\"'%(port)s ",
    kg: "0x" + "0a".repeat(20),
  };
  await store.add("vm1", tricky);
  const script = `
import configparser, json, sys
source, target = sys.argv[1:]
parser = configparser.ConfigParser()
parser.read(source, encoding="utf-8")
print(json.dumps({key: parser.get("VirtualBMC", key) for key in parser.options("VirtualBMC")}))
parser.set("VirtualBMC", "active", "True")
with open(target, "w", encoding="utf-8") as f:
    parser.write(f)`;
  mkdirSync(path.join(configDir, "vm2"), { mode: 0o700 });
  const files = ["vm1", "vm2"].map((name) => path.join(configDir, name, "config"));
  const seen = JSON.parse(execFileSync("/usr/bin/python3", ["-c", script, ...files], { encoding: "utf8" })) as object;
  assert.deepEqual({ ...seen, empty: "" }, { ...tricky, empty: "" });
  const entry = store.read("vm2");
  assert.ok(entry !== undefined && "bmc" in entry);
  assert.deepEqual(
    [entry.bmc.active, entry.bmc.password, entry.bmc.viserverPassword],
    [true, tricky.password, tricky.viserver_password],
  );
});

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";

import { ConfigError } from "../../../src/settings/config/config.js";
import { formatConfig } from "../../../src/settings/config/formatConfig.js";
import { loadConfig } from "../../../src/settings/config/loadConfig.js";

const home = mkdtempSync(path.join(tmpdir(), "vbmc-config-"));
after(() => rmSync(home, { recursive: true }));

let count = 0;

/** A configuration file with this text, named by the environment. */
function load(text: string) {
  const file = path.join(home, `${String(count++)}.conf`);
  writeFileSync(file, text);
  return { file, load: () => loadConfig({ VIRTUALBMC_CONFIG: file }, home) };
}

test("without a file every value is the default", () => {
  assert.deepEqual(loadConfig({}, "/nonexistent"), {
    file: undefined,
    configDir: "/nonexistent/.vbmc",
    pidFile: "/nonexistent/.vbmc/master.pid",
    serverPort: 50891,
    serverResponseTimeoutMs: 5000,
    serverSpawnWaitMs: 3000,
    serverAuth: "curve",
    showPasswords: false,
    bmcsPerProcess: 1,
    shard: undefined,
    log: { logfile: undefined, debug: false, format: "auto" },
    ipmi: {
      sessionTimeoutSeconds: 60,
      cipherSuites: [3, 17],
      maxSessions: 64,
      ipmi15Auth: ["md5"],
      badPasswordThreshold: 0,
      badPasswordResetSeconds: 300,
      badPasswordLockoutSeconds: 300,
    },
    vsphere: { nextBoot: "once" },
    redfish: {
      certificateFile: undefined,
      keyFile: undefined,
      sessionTimeoutSeconds: 1800,
      maxSessions: 64,
      maxConnections: 256,
      allowsEventLoopback: false,
    },
    media: {
      datastore: undefined,
      allowedUrls: [],
      allowedFolders: [],
      allowsLoopback: false,
      maxImageGib: 16,
      maxTransferMinutes: 240,
      verifiesCertificates: true,
    },
    console: {
      listen: undefined,
      address: undefined,
      certificateFile: undefined,
      keyFile: undefined,
      allowedHosts: [],
      ringKb: 128,
      logDirectory: undefined,
      logMb: 10,
    },
    web: { listen: undefined, sessionTimeoutSeconds: 1_800, maxSessions: 256, maxConnections: 1_024 },
    metrics: { listen: undefined },
    warnings: [],
  });
});

test("every key is read, booleans in any case", () => {
  const config = load(`[default]
show_passwords = TRUE
config_dir = ~/bmcs
pid_file: /run/vbmcd.pid
server_port = 50999
server_response_timeout = 100
server_spawn_wait = 200
server_auth = None
bmcs_per_process = 500
shard = 2/3
[log]
logfile = /var/log/vbmc/vbmc.log
debug = True
format = json
[ipmi]
session_timeout = 30
cipher_suites = 3, 17,3
max_sessions = 8
ipmi15_auth =
bad_password_threshold = 3
bad_password_reset_interval = 60
bad_password_lockout_interval = 0
[vsphere]
next_boot = persistent
[redfish]
certificate_file = ~/bmc.pem
key_file = /etc/vbmc/bmc.key
session_timeout = 30
max_sessions = 8
max_connections = 16
event_loopback = true
[media]
datastore = images
image_allow = https://images.example.com/iso/, http://10.0.0.1:8080
file_allow = /srv/iso
image_loopback = true
max_image_size = 100
max_transfer_time = 30
verify_certificate = false
[console]
listen = 0.0.0.0:13370
address = vbmc.example.com
certificate_file = ~/console.pem
key_file = ~/console.key
allowed_hosts = 192.0.2.10, 10.20.0.0/16, 2001:db8::/32
ring_size = 64
log_dir = ~/consoles
log_size = 1
[web]
listen = 8443
session_timeout = 600
max_sessions = 8
max_connections = 99
[metrics]
listen = [::1]:9290
`).load();
  assert.deepEqual(config, {
    file: config.file,
    configDir: path.join(home, "bmcs"),
    pidFile: "/run/vbmcd.pid",
    serverPort: 50999,
    serverResponseTimeoutMs: 100,
    serverSpawnWaitMs: 200,
    serverAuth: "none",
    showPasswords: true,
    bmcsPerProcess: 500,
    shard: { index: 2, count: 3 },
    log: { logfile: "/var/log/vbmc/vbmc.log", debug: true, format: "json" },
    ipmi: {
      sessionTimeoutSeconds: 30,
      cipherSuites: [3, 17],
      maxSessions: 8,
      ipmi15Auth: [],
      badPasswordThreshold: 3,
      badPasswordResetSeconds: 60,
      badPasswordLockoutSeconds: 0,
    },
    vsphere: { nextBoot: "persistent" },
    redfish: {
      certificateFile: path.join(home, "bmc.pem"),
      keyFile: "/etc/vbmc/bmc.key",
      sessionTimeoutSeconds: 30,
      maxSessions: 8,
      maxConnections: 16,
      allowsEventLoopback: true,
    },
    media: {
      datastore: "images",
      allowedUrls: ["https://images.example.com/iso/", "http://10.0.0.1:8080"],
      allowedFolders: ["/srv/iso"],
      allowsLoopback: true,
      maxImageGib: 100,
      maxTransferMinutes: 30,
      verifiesCertificates: false,
    },
    console: {
      listen: { address: "0.0.0.0", port: 13370 },
      address: "vbmc.example.com",
      certificateFile: path.join(home, "console.pem"),
      keyFile: path.join(home, "console.key"),
      allowedHosts: ["192.0.2.10", "10.20.0.0/16", "2001:db8::/32"],
      ringKb: 64,
      logDirectory: path.join(home, "consoles"),
      logMb: 1,
    },
    web: {
      listen: { address: "127.0.0.1", port: 8443 },
      sessionTimeoutSeconds: 600,
      maxSessions: 8,
      maxConnections: 99,
    },
    metrics: { listen: { address: "::1", port: 9290 } },
    warnings: [],
  });
});

test("the file in the home folder is read when the environment names none", () => {
  const elsewhere = path.join(home, "elsewhere");
  mkdirSync(path.join(elsewhere, ".vbmc"), { recursive: true });
  writeFileSync(path.join(elsewhere, ".vbmc", "virtualbmc.conf"), "[default]\nserver_port = 1234\n");
  assert.equal(loadConfig({}, elsewhere).serverPort, 1234);
  assert.equal(loadConfig({ VIRTUALBMC_CONFIG: "" }, elsewhere).serverPort, 1234);
});

test("a file that the environment names and that is not there is passed over with a warning", () => {
  const config = loadConfig({ VIRTUALBMC_CONFIG: "/nonexistent/x.conf" }, home);
  assert.deepEqual(config.warnings, ["VIRTUALBMC_CONFIG names /nonexistent/x.conf, which does not exist"]);
});

const badLines: readonly (readonly [string, string, RegExp])[] = [
  ["default", "show_passwords = yes", /must be true or false/],
  ["default", "server_port = 0", /from 1 to 65535/],
  ["default", "server_port = 70000", /from 1 to 65535/],
  ["default", "server_port = abc", /from 1 to 65535/],
  ["default", "server_port =", /from 1 to 65535/],
  ["default", "server_response_timeout = -1", /whole number from 1 .* ms/],
  ["default", "server_spawn_wait = 1.5", /whole number from 1 .* ms/],
  ["default", "server_auth = plain", /curve or none/],
  ["default", "bmcs_per_process = 0", /from 1/],
  ["default", "shard = 3/3", /must be i\/n/],
  ["default", "shard = 1", /must be i\/n/],
  ["default", "config_dir =", /must not be empty/],
  ["default", "pid_file =", /must not be empty/],
  ["log", "debug = 1", /must be true or false/],
  ["log", "format = xml", /auto or text or json/],
  ["ipmi", "session_timeout = 0", /seconds/],
  ["ipmi", "cipher_suites = 3,4", /cipher suites out of 0, 1, 2, 3/],
  ["ipmi", "cipher_suites =", /cipher suite/],
  ["ipmi", "max_sessions = many", /whole number/],
  ["ipmi", "ipmi15_auth = md2", /md5, password, none/],
  ["ipmi", "bad_password_threshold = 256", /from 0 to 255/],
  ["vsphere", "next_boot = twice", /once or persistent/],
  ["redfish", "certificate_file = /a.pem", /requires key_file: set both, or neither/],
  ["console", "key_file = /a.pem", /requires certificate_file: set both, or neither/],
  ["console", "listen = 13370", /must be an address and a port/],
  ["console", "allowed_hosts = 192.0.2.1, esx1.example.com", /must be a list of IP addresses and networks/],
  ["console", "allowed_hosts = 192.0.2.0/33", /must be a list of IP addresses and networks/],
  ["console", "ring_size = 512", /from 64 to 256 KB/],
  ["redfish", "key_file = /a.key", /requires certificate_file: set both, or neither/],
  ["redfish", "session_timeout = 29", /from 30 to 86400 seconds/],
  ["redfish", "max_sessions = 0", /from 1 to 1024/],
  ["redfish", "max_connections = none", /from 1 to 10000/],
  ["web", "listen = 0", /such as 127/],
  ["web", "listen = 70000", /an address and a port/],
  ["metrics", "listen = 9290", /such as 127\.0\.0\.1:9290 or \[::1\]:9290/],
  ["metrics", "listen = localhost:9290", /an address and a port/],
  ["metrics", "listen = 127.0.0.256:9290", /an address and a port/],
  ["metrics", "listen = ::1:9290", /an address and a port/],
  ["metrics", "listen = [::g]:9290", /an address and a port/],
  ["metrics", "listen = [127.0.0.1:9290", /an address and a port/],
  ["metrics", "listen = 127.0.0.1:0", /an address and a port/],
  ["metrics", "listen = 127.0.0.1:65536", /an address and a port/],
];

for (const [section, line, message] of badLines) {
  test(`a bad value names file and key: [${section}] ${line}`, () => {
    const { file, load: loadIt } = load(`[${section}]\n${line}\n`);
    assert.throws(loadIt, (error) => {
      assert.ok(error instanceof ConfigError);
      assert.ok(error.message.startsWith(`${file}: [${section}] ${line.split(" ")[0] ?? ""} = `), error.message);
      assert.match(error.message, message);
      return true;
    });
  });
}

test("all bad values are named at once", () => {
  assert.throws(load("[default]\nserver_port = x\n[log]\ndebug = x\n").load, /server_port[^]*\n.*debug/);
});

test("text that is no configuration names file and line", () => {
  const { file, load: loadIt } = load("server_port = 1\n");
  assert.throws(loadIt, new RegExp(`${file}: line 1: text before the first`));
});

test("unknown keys and sections are ignored with a warning", () => {
  const { file, load: loadIt } = load("[default]\ncolour = red\n[__proto__]\nx = 1\n[extra]\ny = 1\n");
  assert.deepEqual(loadIt().warnings, [
    `${file}: [default] colour is unknown and ignored`,
    `${file}: section [__proto__] is unknown and ignored`,
    `${file}: section [extra] is unknown and ignored`,
  ]);
});

test("the printed configuration says the same when read again", () => {
  const config = load("[default]\nconfig_dir = /50%%/x\n[ipmi]\nipmi15_auth =\n[log]\nlogfile = x.log\n").load();
  const again = load(formatConfig(config)).load();
  assert.deepEqual({ ...again, file: "" }, { ...config, file: "" });
});

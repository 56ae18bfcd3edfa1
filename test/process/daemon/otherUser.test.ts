/** Who may command a daemon with the default server_auth: its owner, by the document's own client, and no one else. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { python } from "../../support/originalClient.js";
import { peer } from "../../support/peer.js";
import { run } from "../../support/programs.js";
import { inRepository } from "../../support/repository.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";
import { createDaemonHome, type DaemonHome } from "./daemonHome.js";

const zmq = peer("python3-zmq", () => execFileSync(python, ["-c", "import zmq; assert zmq.has('curve')"]));
const skip = zmq.skip === false && process.getuid?.() !== 0 ? "needs root, to become another user" : zmq.skip;

let daemon: DaemonHome;
// Hooks run in this order: the daemon ends before its folder is removed.
after(() => daemon.end());
const root = temporaryFolder();
before(async () => {
  daemon = await createDaemonHome(root, "");
  await daemon.start();
});

const nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", python];

/** The client of the document, for this daemon. */
function documentedClient(): string {
  const text = readFileSync(inRepository("docs/control-protocol.md"), "utf8");
  const [, program = ""] = /```python\n([^]*?)```/.exec(text) ?? [];
  const own = program.replace("50891", String(daemon.port));
  assert.notEqual(own, program);
  return own;
}

describe("the control socket by default", { skip }, () => {
  test("is open to the daemon's owner, with the client that the document shows", async () => {
    const { code, stdout, stderr } = await run(python, ["-c", documentedClient()], { env: daemon.env });
    assert.deepEqual(
      [code, stdout, stderr],
      [0, "{'rc': 0, 'header': ['VM name', 'Status', 'Address', 'Port'], 'rows': []}\n", ""],
    );
    assert.equal(statSync(path.join(daemon.configDir, ".control-keys.json")).mode & 0o777, 0o600);
  });

  test("is closed to another user, with or without keys of its own, even if it knows the daemon's public key", async () => {
    const { code, stderr } = await run("setpriv", [...nobody, "-c", documentedClient()], { env: daemon.env });
    assert.equal(code, 1);
    assert.match(stderr, /PermissionError/);

    const keys = JSON.parse(readFileSync(path.join(daemon.configDir, ".control-keys.json"), "utf8")) as {
      readonly server: { readonly publicKey: string };
    };
    const program = `
import json, sys, zmq
def ask(what, server_key):
    socket = zmq.Context.instance().socket(zmq.REQ)
    socket.linger = 0
    if server_key:
        socket.curve_serverkey = server_key
        socket.curve_publickey, socket.curve_secretkey = zmq.curve_keypair()
    socket.connect("tcp://127.0.0.1:${daemon.port}")
    socket.send_string(json.dumps({"command": "add", "vm_name": "evil", "username": "u", "password": "p", "port": 1, "address": "::1"}))
    print(what, "ANSWERED" if socket.poll(1500) else "not answered")
ask("plain", None)
ask("own keys", zmq.curve_keypair()[0])
ask("public key", sys.argv[1].encode())
`;

    const answer = await run("setpriv", [...nobody, "-c", program, keys.server.publicKey], {
      env: { HOME: "/nonexistent" },
    });
    assert.deepEqual(answer, {
      code: 0,
      stdout: "plain not answered\nown keys not answered\npublic key not answered\n",
      stderr: "",
    });
    const { stdout } = await run(python, ["-c", documentedClient()], { env: daemon.env });
    assert.match(stdout, /'rows': \[\]/, "the daemon serves on, and has done nothing");
  });
});

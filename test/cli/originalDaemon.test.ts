/** Our `vbmc` with the original's daemon, by the JSON that the original's client sends. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";

import { cliff, type OriginalClient, python, startOriginalClient } from "../support/originalClient.js";
import { freeTcpPort } from "../support/ports.js";
import { inRepository } from "../support/repository.js";
import { temporaryFolder } from "../support/temporaryFolder.js";
import { useControlPort, vbmc } from "./commandRun.js";

const home = temporaryFolder();
const script = inRepository("test/support/originalVbmcd.py");

describe("our vbmc commands the original's vbmcd under server_auth = none", { skip: cliff.skip }, () => {
  let daemon: ChildProcess;
  let original: OriginalClient;
  let requests: AsyncIterator<string>;
  /** What the daemon was asked next. */
  const nextRequest = async (): Promise<unknown> => JSON.parse(String((await requests.next()).value));
  before(async () => {
    const port = await freeTcpPort();
    const started = spawn(python, [script, String(port)], { stdio: ["ignore", "pipe", "inherit"] });
    daemon = started;
    requests = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
    assert.equal((await requests.next()).value, "ready");
    useControlPort(home, port);
    original = startOriginalClient(port);
  });
  after(async () => {
    original.close();
    daemon.kill();
    await once(daemon, "exit");
  });

  /** Each changes what the next one sees. */
  const conversation: readonly (readonly [readonly string[], number, string, string])[] = [
    [["list"], 0, "\n", ""],
    [["add", "vm2", "--port", "26102", "--address", "127.0.0.26"], 0, "", ""],
    [["add", "vm1", "--viserver", "h", "--viserver-username", "user", "--viserver-password", "pass"], 0, "", ""],
    [["add", "vm1"], 1, "", "(1): [Errno 17] File exists: '/home/user/.vbmc/vm1'\n"],
    [["start", "vm2"], 0, "", ""],
    [
      ["start", "b", "vm1", "a"],
      1,
      "",
      "(1): No VM with matching name b was found\nNo VM with matching name a was found\n",
    ],
    [["stop", "vm1"], 0, "", ""],
    [
      ["list", "-f", "value", "--fakemac"],
      0,
      "vm1 down :: 6230 02:00:00:a8:28:2f\nvm2 running 127.0.0.26 26102 02:00:00:e0:a7:44\n",
      "",
    ],
    [
      ["show", "vm1", "-f", "value", "-c", "Value"],
      0,
      "False\n::\n02:00:00:a8:28:2f\n***\n6230\ndown\nadmin\nh\n***\nuser\nvm1\nNone\n",
      "",
    ],
    [["show", "nope"], 1, "", "(1): Command failed: No VM with matching name nope was found\n"],
    [["delete", "vm1"], 0, "", ""],
    [["delete", "vm1"], 1, "", "(1): Command failed: No VM with matching name vm1 was found\n"],
    [["list", "-f", "json", "--noindent", "-c", "VM name"], 0, '[{"VM name": "vm2"}]\n', ""],
  ];

  test("all commands, their failures included", async () => {
    for (const [argv, rc, stdout, stderr] of conversation) {
      assert.deepEqual(await vbmc(argv), { rc, stdout, stderr }, argv.join(" "));
      await nextRequest();
    }
  });

  test("the requests are those of the original's client, field by field", async () => {
    const argvs = [
      ...conversation.map(([argv]) => argv),
      [
        "add",
        "名前",
        "--username",
        "é",
        "--fakemac",
        "02:00:00:00:00:01",
        "--vm-uuid",
        "4224e8b5-1e2d-3c4b-5a69-788796a5b4c3",
      ],
      ["list", "-f", "csv", "--quote", "all", "--max-width", "70", "--fit-width", "--print-empty"],
      ["list", "-c", "Port", "-c", "Status", "--sort-column", "Port", "--sort-descending", "--noindent"],
      ["show", "名前", "--sort-column", "Value", "--sort-ascending"],
    ];
    for (const argv of argvs) {
      await vbmc(argv);
      const ours = await nextRequest();
      await original.run(argv);
      assert.deepEqual(ours, await nextRequest(), argv.join(" "));
    }
  });
});

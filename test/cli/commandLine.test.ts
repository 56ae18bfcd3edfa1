/** What each command says and how it ends: our `vbmc` on our `vbmcd`, and beside the original's `vbmc`. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { createDaemonHome, type DaemonHome } from "../process/daemon/daemonHome.js";
import { cliff, type OriginalClient, startOriginalClient } from "../support/originalClient.js";
import { freeTcpPort, freeUdpPort } from "../support/ports.js";
import { run } from "../support/programs.js";
import { inRepository } from "../support/repository.js";
import { temporaryFolder } from "../support/temporaryFolder.js";
import { useControlPort, vbmc } from "./commandRun.js";

// Hooks run in this order: the daemon ends before its folder is removed.
after(() => daemon.end());
const root = temporaryFolder();
const script = inRepository("bin/vbmc.js");
const { version } = JSON.parse(readFileSync(path.join(script, "../../package.json"), "utf8")) as { version: string };

let daemon: DaemonHome;
before(async () => {
  daemon = await createDaemonHome(root);
  await daemon.start();
  useControlPort(root, daemon.port, "server_response_timeout = 20000\n");
  await daemon.add("vm1");
  await daemon.add("vm2", { address: "::1" });
});

/** Runs the built command as a shell would, with these lines on its standard input. */
function shell(argv: readonly string[], input = ""): ReturnType<typeof run> {
  return run(process.execPath, [script, ...argv], { env: process.env, input });
}

const columns = "['VM name', 'Status', 'Address', 'Port']";
const unknown = (name: string): string => `No VM with matching name ${name} was found`;

/** Each row: arguments, exit code, standard error; success says nothing, neither here nor there. */
const said: readonly (readonly [readonly string[], number, string | RegExp])[] = [
  [["start", "vm1"], 0, ""],
  [["start", "vm1"], 0, ""],
  [["stop", "vm1"], 0, ""],
  [["stop", "vm1"], 0, ""],
  [["add"], 2, /^usage: vbmc add .*\nvbmc add: error: the following arguments are required: vm_name\n$/],
  [["start"], 2, /^usage: vbmc start .*\nvbmc start: error: the following arguments are required: vm_names\n$/],
  [["add", "x", "--port", "abc"], 2, /^usage: .*\nvbmc add: error: argument --port: invalid int value: 'abc'\n$/],
  [["add", "x", "--port"], 2, /\nvbmc add: error: argument --port: expected one argument\n$/],
  [["add", "x", "--bogus"], 2, /\nvbmc add: error: unrecognized arguments: --bogus\n$/],
  [["list", "extra"], 2, /\nvbmc list: error: unrecognized arguments: extra\n$/],
  [["add", "--p", "1", "x"], 2, /\nvbmc add: error: ambiguous option: --p could match --password, --port\n$/],
  [
    ["list", "-f", "xml"],
    2,
    /argument -f\/--format: invalid choice: 'xml' \(choose from 'csv', 'json', 'table', 'value', 'yaml'\)\n$/,
  ],
  [["list", "--max-width", "wide"], 2, /argument --max-width: invalid int value: 'wide'\n$/],
  [
    ["list", "--sort-ascending", "--sort-descending"],
    2,
    /argument --sort-descending: not allowed with argument --sort-ascending\n$/,
  ],
  [["-q", "-v", "list"], 2, /^usage: vbmc .*\nvbmc: error: argument .* not allowed with argument .*\n$/],
  [["lst"], 2, "vbmc: 'lst' is not a vbmc command. See 'vbmc --help'.\nDid you mean one of these?\n  list\n"],
  [["help", "bogus"], 1, "Unknown command ['bogus']\n"],
  [
    ["add", "x", "--viserver-username", "u"],
    1,
    "A password and username are required to use VI Server authentication\n",
  ],
  [["start", "nope"], 1, `(1): ${unknown("nope")}\n`],
  [["stop", "nope"], 1, `(1): ${unknown("nope")}\n`],
  [["show", "nope"], 1, `(1): Command failed: ${unknown("nope")}\n`],
  [["delete", "nope"], 1, `(1): Command failed: ${unknown("nope")}\n`],
  [["start", "b", "vm2", "a"], 1, `(1): ${unknown("b")}\n${unknown("a")}\n`],
  [["delete", ".."], 1, `(1): Command failed: ${unknown("..")}\n`],
  [["delete", ""], 1, `(1): Command failed: ${unknown("")}\n`],
  [["add", "vm1"], 1, /^\(1\): \[Errno 17\] File exists: '.*\/vm1'\n$/],
  [["list", "-c", "bogus"], 1, `No recognized column names in ['bogus']. Recognized columns are ${columns}.\n`],
];

test("each case of the original has its exit code and its text", async () => {
  for (const [argv, rc, stderr] of said) {
    const answer = await vbmc(argv);
    assert.deepEqual([answer.rc, answer.stdout], [rc, ""], argv.join(" "));
    if (typeof stderr === "string") {
      assert.equal(answer.stderr, stderr, argv.join(" "));
    } else {
      assert.match(answer.stderr, stderr, argv.join(" "));
    }
  }
  assert.deepEqual(await daemon.list(), { vm1: "down", vm2: "running" }, "the known name among the unknown is done");
  await vbmc(["stop", "vm2"]);
});

describe("the original's vbmc and ours say the same", { skip: cliff.skip }, () => {
  let original: OriginalClient;
  before(() => {
    original = startOriginalClient(daemon.port);
  });
  after(() => {
    original.close();
  });

  /** Usage lines differ: options of ours are there too, and metavariables have another form. */
  const withoutUsage = (text: string): string => text.replace(/^usage: .*\n/, "");
  const argvs: readonly (readonly string[])[] = [
    ...said.map(([argv]) => argv).filter(([command]) => command !== "lst"),
    ["list"],
    ["lis", "--fakemac"],
    ["list", "--no-daemon"],
    ["--no-daemon", "list"],
    ["list", "-q"],
    ["show", "vm1"],
    ...["table", "csv", "json", "value", "yaml"].map((format) => ["show", "vm2", "-f", format]),
    ["show", "vm1", "-c", "Value", "--max-width", "20"],
    ["show", "vm1", "--sort-column", "Property", "--sort-descending"],
    ["sho", "vm1", "--form", "json", "--noind"],
    // Clear in the original, though commands and options of ours begin alike.
    ["d", "nope"],
    ["add", "vm1", "--passw", "x"],
    ["complete", "--name"],
    ["--log-file"],
    ["start", "--", "-x"],
  ];

  test(`in ${argvs.length} cases, and our daemon answers both`, async () => {
    // Which of the two excluding options is named first is not told alike.
    for (const argv of argvs.filter(([first]) => first !== "-q")) {
      const [ours, theirs] = [await vbmc(argv), await original.run(argv)];
      const comparable = { ...theirs, stderr: withoutUsage(theirs.stderr) };
      assert.deepEqual({ ...ours, stderr: withoutUsage(ours.stderr) }, comparable, argv.join(" "));
    }
  });

  test("what one adds, starts, stops and deletes, the other sees", async () => {
    const free = String(await freeUdpPort());
    const add = ["add", "both", "--port", free, "--address", "127.0.0.1", "--vm-uuid"];
    assert.deepEqual(await original.run([...add, "4224e8b5-1e2d-3c4b-5a69-788796a5b4c3"]), {
      rc: 0,
      stdout: "",
      stderr: "",
    });
    assert.deepEqual(
      (await vbmc(["show", "both", "-f", "value"])).stdout,
      (await original.run(["show", "both", "-f", "value"])).stdout,
    );
    assert.equal((await vbmc(["start", "both"])).rc, 0);
    assert.match(
      (await original.run(["list", "-f", "value"])).stdout,
      new RegExp(`^both running 127.0.0.1 ${free}$`, "m"),
    );
    assert.equal((await original.run(["stop", "both"])).rc, 0);
    assert.equal((await vbmc(["delete", "both"])).rc, 0);
    assert.doesNotMatch((await original.run(["list", "-f", "value"])).stdout, /both/);
  });
});

describe("global options", () => {
  test("--version", async () => {
    const { rc, stdout, stderr } = await vbmc(["--version"]);
    const [first, ...further] = stdout.split("\n");
    assert.deepEqual([rc, first, stderr], [0, `vbmc ${version}`, ""], "the original's line comes first");
    assert.deepEqual(further, [`Node.js ${process.versions.node}`, ""], "from its sources it knows no commit");
  });

  test("-v adds lines on standard error and leaves the output alone, before or after the command", async () => {
    const { stdout } = await vbmc(["list"]);
    for (const argv of [
      ["-v", "list"],
      ["list", "-v"],
      ["list", "--verbose"],
    ]) {
      const answer = await vbmc(argv);
      assert.deepEqual([answer.rc, answer.stdout], [0, stdout]);
      assert.match(answer.stderr, new RegExp(`asking vbmcd on port ${daemon.port} to list`));
    }
  });

  test("--debug adds the trace", async () => {
    assert.doesNotMatch((await vbmc(["start", "nope"])).stderr, /\n +at /);
    assert.match((await vbmc(["start", "nope", "--debug"])).stderr, /^\(1\): No VM .*\n[^]*\n +at /);
  });

  test("--log-file writes what is done and what goes to standard error, as cliff does, for its owner alone", async () => {
    const file = path.join(root, "vbmc.log");
    const { stderr } = await vbmc(["start", "nope", "--log-file", file]);
    assert.equal(stderr, "(1): No VM with matching name nope was found\n");
    assert.deepEqual((await vbmc(["list", "--log-file", file])).stderr, "");
    const lines = readFileSync(file, "utf8").split("\n");
    const time = /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] /;
    assert.deepEqual(
      lines.map((line) => line.replace(time, "").replace(/port \d+/, "port N")),
      [
        "DEBUG    vbmc command: start",
        "DEBUG    vbmc asking vbmcd on port N to start",
        "ERROR    vbmc (1): No VM with matching name nope was found",
        "DEBUG    vbmc command: list",
        "DEBUG    vbmc asking vbmcd on port N to list",
        "",
      ],
    );
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  test("a log file that cannot be written is reported in one line", async () => {
    assert.deepEqual(await vbmc(["list", "--log-file", path.join(root, "nowhere", "log")]), {
      rc: 1,
      stdout: "",
      stderr: `cannot write the log file: ENOENT: no such file or directory, open '${root}/nowhere/log'\n`,
    });
  });

  test("a value that looks like a global option stays a value", async () => {
    const free = String(await freeUdpPort());
    assert.equal((await vbmc(["add", "dash", "--password", "-v", "--port", free])).rc, 0);
    assert.match(readFileSync(daemon.file("dash"), "utf8"), /^password = -v$/m);
    await vbmc(["delete", "dash"]);
  });
});

describe("help", () => {
  for (const command of ["add", "complete", "delete", "help", "list", "show", "start", "stop"]) {
    test(`vbmc help ${command} is vbmc ${command} --help`, async () => {
      const help = await vbmc(["help", command]);
      assert.deepEqual(help, await vbmc([command, "--help"]));
      assert.deepEqual([help.rc, help.stderr], [0, ""]);
      assert.match(help.stdout, new RegExp(`^Usage: vbmc ${command} `));
    });
  }

  test("of an ambiguous abbreviation it names the commands", async () => {
    const { rc, stdout } = await vbmc(["help", "st"]);
    assert.deepEqual([rc, stdout], [0, 'Command "st" matches:\n  start\n  stop\n']);
  });

  test("without a command it names them all", async () => {
    const { stdout } = await vbmc(["help"]);
    for (const word of [
      "add",
      "complete",
      "delete",
      "help",
      "list",
      "show",
      "start",
      "stop",
      "--log-file",
      "--quiet",
    ]) {
      assert.ok(stdout.includes(word), word);
    }
    assert.equal((await vbmc(["--help"])).stdout, stdout);
  });
});

describe("the built command", () => {
  test("exits with the code, and prints to the streams", async () => {
    assert.deepEqual(await shell(["start", "nope"]), { code: 1, stdout: "", stderr: `(1): ${unknown("nope")}\n` });
    assert.equal((await shell(["lst"])).code, 2);
    assert.match((await shell(["list", "-f", "value"])).stdout, /^vm1 down 127\.0\.0\.1 \d+\n/);
  });

  test("takes commands from standard input, quoted as in a shell, until quit, exit or the end: rc 0", async () => {
    const input = `list -c 'VM name' -f value\n\nlst\nstart nope\nshow "vm1" -c Property -f value\n`;
    for (const end of ["", "quit\nlist\n", "exit\nlist\n"]) {
      const { code, stdout, stderr } = await shell([], input + end);
      assert.equal(code, 0);
      assert.match(stdout, /^vm1\nvm2\nactive\naddress\n(?:\w+\n){8}vm_name\nvm_uuid\n$/);
      assert.match(stderr, /^vbmc: 'lst' is not [^]*\n\(1\): No VM with matching name nope was found\n$/);
    }
  });

  test("global options of the first line hold for all commands from standard input", async () => {
    assert.match((await shell(["-v"], "list\n")).stderr, /asking vbmcd/);
  });

  test("on a terminal it prompts, and Tab completes commands", { timeout: 120_000 }, async () => {
    // `script` gives it a terminal; it echoes what is typed.
    const command = `'${process.execPath}' '${script}'`;
    const terminal = spawn("script", ["-qec", command, "/dev/null"], {
      env: process.env,
      stdio: ["pipe", "pipe", "inherit"],
    });
    let screen = "";
    /** What to type when the screen shows what. */
    const typing: [RegExp, string][] = [
      [/vm1 down [^]*\(vbmc\) /, "qu\t"],
      [/\(vbmc\) [^]*quit/, "\n"],
    ];
    terminal.stdout.setEncoding("utf8");
    terminal.stdin.write("list -f value\n");
    for await (const text of terminal.stdout as AsyncIterable<string>) {
      screen += text;
      if (typing[0]?.[0].test(screen) === true) {
        terminal.stdin.write(typing.shift()?.[1] ?? "");
      }
    }
    assert.equal(terminal.exitCode ?? ((await once(terminal, "exit")) as [number])[0], 0);
    assert.match(screen, /\(vbmc\) /);
  });

  test("output that cannot be written, as on a full disk, is reported and is a failure", async () => {
    const { code, stderr } = await run("sh", ["-c", `'${process.execPath}' '${script}' help list > /dev/full`], {
      env: process.env,
    });
    assert.deepEqual([code, stderr], [1, "cannot write the output: ENOSPC: no space left on device, write\n"]);
  });

  test("a reader that goes away ends it quietly", async () => {
    const { stderr } = await run("sh", ["-c", `'${process.execPath}' '${script}' help list | true`], {
      env: process.env,
    });
    assert.equal(stderr, "");
  });
});

describe("vbmc complete", () => {
  test("--shell none gives cliff's data: commands, and options of each", async () => {
    const { rc, stdout } = await vbmc(["complete", "--shell", "none"]);
    assert.equal(rc, 0);
    const data = new Map(
      [...stdout.matchAll(/^ {2}(\w+)='(.*)'$/gm)].map(([, key = "", words = ""]) => [key, words.split(" ")]),
    );
    for (const command of ["add", "complete", "delete", "help", "list", "show", "start", "stop"]) {
      assert.ok(data.get("cmds")?.includes(command), command);
      assert.ok(data.get(`cmds_${command}`)?.includes("--help"), command);
    }
    for (const option of ["--username", "--password", "--port", "--address", "--vm-uuid"]) {
      assert.ok(data.get("cmds_add")?.includes(option));
    }
  });

  test("bash completes commands and options with the function _vbmc", async () => {
    const { stdout } = await vbmc(["complete"]);
    const complete = async (...words: readonly string[]) => {
      const program = `
        _get_comp_words_by_ref() { cur="\${COMP_WORDS[COMP_CWORD]}"; prev="\${COMP_WORDS[COMP_CWORD-1]}"; words=("\${COMP_WORDS[@]}"); }
        ${stdout}
        COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
        _vbmc; echo "\${COMPREPLY[@]}"; complete -p vbmc`;
      const { stdout: printed, stderr } = await run("bash", ["-c", program]);
      assert.equal(stderr, "");
      assert.match(printed, /complete -F _vbmc vbmc\n$/);
      return printed.split("\n")[0];
    };
    assert.equal(await complete("vbmc", "li"), "list");
    assert.equal(await complete("vbmc", "add", "--viserver-u"), "--viserver-username");
  });
});

describe("a daemon that does not answer", () => {
  const failed = (at: number): string => `Failed to connect to the vbmcd server on port ${at}, error:`;

  test("is reported at once when nothing listens, with how to start it", async () => {
    const nobody = await freeTcpPort();
    useControlPort(root, nobody, "server_response_timeout = 600000\n");
    assert.deepEqual(await vbmc(["list"]), {
      rc: 1,
      stdout: "",
      stderr: `${failed(nobody)} Connection refused. Start the daemon with: vbmcd\n`,
    });
  });

  test("is reported after server_response_timeout when it is mute", async () => {
    const { createServer } = await import("node:net");
    const mute = createServer((socket) => socket.on("error", () => undefined)).listen(0, "127.0.0.1");
    await once(mute, "listening");
    const { port: at } = mute.address() as { port: number };
    useControlPort(root, at, "server_response_timeout = 200\n");
    assert.deepEqual(await vbmc(["list"]), { rc: 1, stdout: "", stderr: `${failed(at)} Server response timed out\n` });
    mute.close();
  });

  test("a bad configuration is one line that names file and key", async () => {
    const file = path.join(root, "virtualbmc.conf");
    writeFileSync(file, "[default]\nserver_port = 0\n");
    const stderr = `${file}: [default] server_port = 0: must be a whole number from 1 to 65535\n`;
    assert.deepEqual(await vbmc(["list"]), { rc: 1, stdout: "", stderr });
  });
});

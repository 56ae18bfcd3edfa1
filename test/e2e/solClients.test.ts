/**
 * The clients of Serial over LAN that Debian has, each as its users run it, against a BMC whose VM side is the test's own:
 * no code of the concentrator and none of vSphere is behind it.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import path from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";

import { isSol, startLossyUdp } from "../support/lossyUdp.js";
import { patiently, until } from "../support/patience.js";
import { isPythonModule, peer } from "../support/peer.js";
import { freeTcpPort } from "../support/ports.js";
import { isCommand, type Outcome, run } from "../support/programs.js";
import { inRepository } from "../support/repository.js";
import { solAccount, type SolLab, startSolLab } from "../support/solLab.js";
import { temporaryFolder } from "../support/temporaryFolder.js";
import { openTerminal, type Terminal } from "../support/terminal.js";

const folder = temporaryFolder();
const { username, password } = solAccount;
const operational = "[SOL Session operational.  Use ~? for help]";
const numbered = (lines: number): string => Array.from({ length: lines }, (_, index) => `line ${index}\r\n`).join("");

let lab: SolLab;
beforeEach(async () => {
  lab = await startSolLab(folder);
});
afterEach(() => lab.close());

const onTarget = (port = lab.port): string[] => [
  "-I",
  "lanplus",
  "-H",
  "127.0.0.1",
  "-p",
  String(port),
  "-U",
  username,
];
const ipmitool = (...words: string[]): Promise<Outcome> => run("ipmitool", [...onTarget(), "-P", password, ...words]);

async function activate(port?: number, ...options: string[]): Promise<Terminal> {
  const terminal = openTerminal("ipmitool", ...onTarget(port), "-P", password, "sol", "activate", ...options);
  await terminal.shows(operational);
  await lab.openSoon(1);
  // It says so before it has its terminal in raw mode: what is typed until then is lost.
  await lab.print("prompt");
  await terminal.shows("prompt");
  return terminal;
}

describe(
  "ipmitool",
  peer("ipmitool", () => isCommand("ipmitool")),
  () => {
    test("types, sends a break, shows what the VM prints, and gives the console back", async () => {
      const terminal = await activate();
      terminal.type("hello\r");
      await terminal.shows("hello");
      await lab.print("Debian GNU/Linux 12 vm1 ttyS0\r\n\r\nvm1 login: ");
      await terminal.shows("vm1 login: ");
      terminal.type("\r~B");
      await lab.brokenSoon();
      terminal.type("\r~.");
      assert.equal(await terminal.ended, 0);
      await lab.openSoon(0);
      assert.deepEqual(lab.users, ["admin from 127.0.0.1"]);
      assert.match(lab.typed(), /^hello\r/);
    });

    test("shows 200 KB whole, in order", async () => {
      const terminal = await activate();
      const text = numbered(15_000);
      await lab.print(text);
      await lab.print("THE END\r\n");
      await terminal.shows("THE END");
      const shown = terminal.output();
      assert.ok(shown.includes(text), `${shown.length} bytes shown of ${text.length}`);
      terminal.type("\r~.");
      await terminal.ended;
    });

    test("loses nothing where the network loses every tenth SOL packet", async () => {
      let seed = 1;
      const proxy = await startLossyUdp(lab.port, (datagram) => {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
        return isSol(datagram) && seed < 0.1 * 0x1_0000_0000;
      });
      await lab.close();
      lab = await startSolLab(folder, { port: lab.port, console: { solPort: proxy.port } });
      const terminal = await activate(proxy.port);
      const text = numbered(3_000);
      await lab.print(`${text}THE END\r\n`);
      await terminal.shows("THE END");
      assert.ok(terminal.output().includes(text));
      assert.ok(proxy.lost() > 10, `${proxy.lost()} datagrams were lost`);
      terminal.kill();
      await terminal.ended;
      proxy.close();
    });

    test("gives the console back at the end of its input", async () => {
      const { code, stdout } = await ipmitool("sol", "activate");
      assert.match(stdout, /SOL Session operational/);
      assert.equal(code, 0);
      await lab.openSoon(0);
    });

    test("that was killed blocks no other: `sol deactivate`, then `sol activate`", async () => {
      const killed = await activate();
      killed.kill();
      await killed.ended;
      const refused = await ipmitool("sol", "activate");
      assert.match(refused.stdout + refused.stderr, /SOL payload already active on another session/);
      assert.equal((await ipmitool("sol", "deactivate")).code, 0);
      await lab.openSoon(0);
      const again = await ipmitool("sol", "deactivate");
      assert.match(again.stdout + again.stderr, /SOL payload already de-activated/);
      const terminal = await activate();
      terminal.type("x");
      await lab.typedSoon("x");
      terminal.type("\r~.");
      assert.equal(await terminal.ended, 0);
    });

    test("says who has taken the console, that keys are discarded, and when they are not", async () => {
      const terminal = await activate();
      terminal.type("mine");
      await lab.typedSoon("mine");
      const bob = await lab.takeOver("bob");
      await terminal.shows(
        "[bob (vbmc console, this host) types on this console; what you type is discarded until you",
      );
      bob.stream.write(Buffer.from("his"));
      await lab.typedSoon("minehis");
      bob.stream.close();
      await terminal.shows("[what you type reaches the VM again]");
      terminal.type("back");
      await lab.typedSoon("minehisback");
      terminal.type("\r~.");
      assert.equal(await terminal.ended, 0);
    });

    test("passes its own loop test", async () => {
      const { code, stdout } = await ipmitool("sol", "looptest", "5", "50");
      assert.equal(code, 0, stdout);
      assert.equal(stdout.match(/SOL Session operational/g)?.length, 5);
    });

    test("reads all parameters and sets each", async () => {
      const { code, stdout } = await ipmitool("sol", "info");
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`Payload Channel +: 1 \\(0x01\\)\\nPayload Port +: ${lab.port}`));
      for (const [name, value] of [
        ["force-encryption", "true"],
        ["force-authentication", "true"],
        ["privilege-level", "admin"],
        ["character-accumulate-level", "10"],
        ["character-send-threshold", "96"],
        ["retry-count", "3"],
        ["retry-interval", "20"],
        ["non-volatile-bit-rate", "9.6"],
        ["volatile-bit-rate", "19.2"],
      ] as const) {
        const set = await ipmitool("sol", "set", name, value, "1");
        assert.deepEqual({ name, code: set.code, stderr: set.stderr }, { name, code: 0, stderr: "" });
      }
      const after = (await ipmitool("sol", "info", "1")).stdout.replace(/ +: /g, "=");
      for (const line of [
        "Force Encryption=true",
        "Force Authentication=true",
        "Privilege Level=ADMINISTRATOR",
        "Character Accumulate Level (ms)=50",
        "Character Send Threshold=96",
        "Retry Count=3",
        "Retry Interval (ms)=200",
        "Volatile Bit Rate (kbps)=19.2",
        "Non-Volatile Bit Rate (kbps)=9.6",
      ]) {
        assert.ok(after.includes(line), `${line} in ${after}`);
      }
      assert.equal((await ipmitool("sol", "set", "enabled", "false", "1")).code, 0);
      const refused = await ipmitool("sol", "activate");
      assert.match(refused.stdout + refused.stderr, /SOL payload disabled/);
    });

    test("enables and disables a user's access, which counts", async () => {
      assert.match((await ipmitool("sol", "payload", "status", "1", "2")).stdout, /User 2 on channel 1 is enabled/);
      assert.equal((await ipmitool("sol", "payload", "disable", "1", "2")).code, 0);
      assert.match((await ipmitool("sol", "payload", "status", "1", "2")).stdout, /is disabled/);
      const refused = await ipmitool("sol", "activate");
      assert.match(refused.stdout + refused.stderr, /SOL payload disabled/);
      assert.equal((await ipmitool("sol", "payload", "enable", "1", "2")).code, 0);
      assert.equal((await ipmitool("sol", "activate")).code, 0);
    });

    test("opens the console of a VM whose serial port is not connected: it takes keys, and shows what comes later", async () => {
      await lab.powerOff();
      const terminal = openTerminal("ipmitool", ...onTarget(), "-P", password, "sol", "activate");
      await terminal.shows(operational);
      // Again and again: it shows nothing by which its raw mode could be seen.
      const typing = setInterval(() => terminal.type("lost\r"), 100);
      await lab.logged("SOL input is discarded");
      clearInterval(typing);
      await lab.powerOn();
      await lab.print("booting\r\n");
      await terminal.shows("booting");
      terminal.type("typed");
      await lab.typedSoon("typed");
      assert.ok(!lab.typed().includes("lost"));
      terminal.type("\r~.");
      assert.equal(await terminal.ended, 0);
    });

    test(
      "under socat, as Ironic runs it",
      peer("socat", () => isCommand("socat")),
      async () => {
        const port = await freeTcpPort();
        const command = `ipmitool ${onTarget().join(" ")} -P ${password} sol activate`;
        const socat = spawn("socat", [`TCP4-LISTEN:${port},bind=127.0.0.1,reuseaddr`, `EXEC:"${command}",pty,stderr`]);
        const exited = once(socat, "exit");
        const socket = await connectSoon(port, socat);
        const shown = (text: string): Promise<void> =>
          new Promise((resolve) => {
            let all = "";
            socket.on("data", (chunk: Buffer) => {
              all += chunk.toString("latin1");
              if (all.includes(text)) {
                resolve();
              }
            });
          });
        const isOperational = shown(operational);
        await patiently(isOperational, () => "ipmitool shows nothing through socat");
        const prompted = shown("login: ");
        await lab.openSoon(1);
        await lab.print("login: ");
        await patiently(prompted, () => "ipmitool does not show the VM's output through socat");
        const echo = shown("root");
        socket.write("root");
        await patiently(echo, () => `no echo through socat ${lab.typed()}`);
        socket.end();
        await exited;
        await ipmitool("sol", "deactivate");
        await lab.openSoon(0);
      },
    );
  },
);

/** The first connection that is taken. */
async function connectSoon(port: number, server: ChildProcess) {
  return until("it listens", async () => {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return socket;
    } catch {
      assert.equal(server.exitCode, null, "the server has ended");
      return undefined;
    }
  });
}

describe(
  "FreeIPMI ipmiconsole",
  peer("freeipmi-tools", () => isCommand("ipmiconsole")),
  () => {
    const words = (...options: string[]): string[] => [
      ...["-h", `127.0.0.1:${lab.port}`, "-u", username, "-p", password, "-I", "17", ...options],
    ];

    async function open(...options: string[]): Promise<Terminal> {
      const terminal = openTerminal("ipmiconsole", ...words(...options));
      await terminal.shows("[SOL established]");
      await lab.openSoon(1);
      return terminal;
    }

    test("types, sends a break and shows what the VM prints", async () => {
      const terminal = await open();
      terminal.type("hello\r");
      await terminal.shows("hello");
      await lab.print(`${numbered(2_000)}THE END\r\n`);
      await terminal.shows("THE END");
      assert.ok(terminal.output().includes(numbered(2_000)));
      terminal.type("&B");
      await lab.brokenSoon();
      terminal.type("&.");
      assert.equal(await terminal.ended, 0);
      await lab.openSoon(0);
    });

    test("takes the console from another, which is notified", async () => {
      const robbed = await open();
      const robber = openTerminal("ipmiconsole", ...words());
      await robber.shows("[SOL established]");
      await robbed.shows("SOL session stolen");
      await robbed.ended;
      robber.type("mine");
      await lab.typedSoon("mine");
      robber.type("&.");
      assert.equal(await robber.ended, 0);
    });

    test("does not take it with --dont-steal, and frees it with --deactivate", async () => {
      const terminal = await open();
      const polite = await run("ipmiconsole", words("--dont-steal"));
      assert.match(polite.stdout + polite.stderr, /in use/);
      assert.equal(lab.open(), 1);
      assert.equal((await run("ipmiconsole", words("--deactivate"))).code, 0);
      await terminal.shows("SOL session stolen");
      await terminal.ended;
      await lab.openSoon(0);
    });
  },
);

describe(
  "pyghmi",
  peer("python3-pyghmi", () => isPythonModule("pyghmi")),
  () => {
    function open(): {
      readonly child: ChildProcess;
      readonly shows: (text: string) => Promise<void>;
      output: () => string;
    } {
      const script = inRepository("test/support/solConsole.py");
      const args = ["-W", "ignore", script, "127.0.0.1", String(lab.port), username, password];
      const child = spawn("/usr/bin/python3", args, { stdio: ["pipe", "pipe", "inherit"] });
      let output = "";
      const looks = new Set<() => void>();
      child.stdout.on("data", (chunk: Buffer) => {
        output += chunk.toString("latin1");
        [...looks].forEach((look) => look());
      });
      const shows = (text: string): Promise<void> => {
        const shown = new Promise<void>((resolve) => {
          const look = (): void => {
            if (output.includes(text)) {
              looks.delete(look);
              resolve();
            }
          };
          looks.add(look);
          look();
        });
        return patiently(shown, () => `pyghmi does not show ${text}: ${output.slice(-500)}`);
      };
      return { child, shows, output: () => output };
    }

    test("types more than a packet holds, sends a break, shows what the VM prints", async () => {
      const { child, shows, output } = open();
      await shows("<connected>");
      await lab.openSoon(1);
      child.stdin?.write(`${"k".repeat(1_000)}\n`);
      await lab.typedSoon(`${"k".repeat(1_000)}\r`);
      child.stdin?.write("BREAK\n");
      await lab.brokenSoon();
      await lab.print(`${numbered(500)}THE END`);
      await shows("THE END");
      assert.ok(output().includes(numbered(500)));
      const exited = once(child, "exit");
      child.stdin?.end();
      assert.deepEqual(await exited, [0, null]);
      await lab.openSoon(0);
    });

    test("learns that another has taken the console", async () => {
      const { child, shows } = open();
      await shows("<connected>");
      await lab.openSoon(1);
      child.stdin?.write("a\n");
      await lab.typedSoon("a\r");
      const exited = once(child, "exit");
      await run("ipmitool", [...onTarget(), "-P", password, "sol", "deactivate"]);
      await shows("Remote IPMI console disconnected");
      assert.deepEqual(await exited, [3, null]);
    });
  },
);

const isRoot = process.getuid?.() === 0;
const solterm = peer("openipmi", () => isCommand("solterm"));

test(
  "OpenIPMI's solterm, which knows port 623 only",
  { skip: solterm.skip || (!isRoot && "only root may bind port 623") },
  async () => {
    await lab.close();
    const address = "127.62.3.5";
    lab = await startSolLab(path.join(folder), { address, port: 623 });
    const terminal = openTerminal("solterm", "lan", "-U", username, "-P", password, address);
    await terminal.shows("Connected.");
    await lab.openSoon(1);
    terminal.type("hello\r");
    await lab.typedSoon("hello\r");
    await terminal.shows("hello");
    await lab.print(`${numbered(500)}THE END\r\n`);
    await terminal.shows("THE END");
    // It does not tell its terminal to leave line ends alone.
    assert.ok(terminal.output().replace(/\r+\n/g, "\r\n").includes(numbered(500)));
    terminal.type("\r~B");
    await lab.brokenSoon();
    terminal.type("\r~.");
    await terminal.ended;
    await lab.openSoon(0);
  },
);

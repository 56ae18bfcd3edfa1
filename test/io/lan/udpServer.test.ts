import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, describe, test, type TestContext } from "node:test";

import { openUdpServer, type Receive, type UdpServer } from "../../../src/io/lan/udpServer.js";
import { compiled } from "../../support/compiled.js";
import { freeUdpPort } from "../../support/ports.js";
import { run } from "../../support/programs.js";

const echo: Receive = (datagram, _remote, reply) => reply(datagram);
const quiet = (): void => undefined;
const isRoot = process.getuid?.() === 0;

async function open(t: TestContext, address: string, port = 0, receive: Receive = echo): Promise<UdpServer> {
  const server = await openUdpServer({ address, port, receive, log: quiet });
  t.after(server.close);
  return server;
}

/** The address that answers a datagram to `address`. */
async function answeringAddress(address: string, port: number): Promise<string> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  try {
    socket.send("ping", port, address);
    const [, from] = (await once(socket, "message")) as [Buffer, { address: string }];
    return from.address;
  } finally {
    socket.close();
  }
}

const script = compiled("test/io/lan", ["connectedClient", "echoServer", "portRacer", "withoutIpv6"]);

interface Echo {
  readonly port: string;
  readonly output: () => string;
  readonly close: () => Promise<void>;
}

/** An echo server in a process of its own, `prefix` before its command. */
async function startEcho(prefix: readonly string[], address: string, ...options: string[]): Promise<Echo> {
  const [program, ...args] = [...prefix, process.execPath, ...options, script("echoServer"), address, "0"];
  const child: ChildProcessWithoutNullStreams = spawn(program, args);
  const ended = once(child, "close");
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stdout.setEncoding("utf8");
  while (!/^port \d+$/m.test(output)) {
    const [text] = (await Promise.race([once(child.stdout, "data"), ended])) as [unknown];
    if (typeof text !== "string") {
      throw new Error(`the echo server ended: ${output}`);
    }
    output += text;
  }
  child.stdout.on("data", (text: string) => (output += text));
  return {
    port: /^port (\d+)$/m.exec(output)![1]!,
    output: () => output,
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

interface Racer {
  readonly ask: (line: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

async function startRacer(address: string): Promise<Racer> {
  const child = spawn(process.execPath, [script("portRacer"), address], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  await next();
  return {
    ask: (line) => {
      child.stdin.write(`${line}\n`);
      return next();
    },
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

describe("a bound address", () => {
  for (const address of ["127.0.0.1", "127.0.0.2", "127.200.1.9", "::1"]) {
    test(`${address} answers from ${address}`, async (t) => {
      const { port } = await open(t, address);
      assert.equal(await answeringAddress(address, port), address);
    });
  }

  test("each loopback address can have a BMC of its own on the same port", async (t) => {
    const port = await freeUdpPort();
    await open(t, "127.0.0.2", port);
    await open(t, "127.0.0.3", port);
    assert.equal(await answeringAddress("127.0.0.2", port), "127.0.0.2");
    assert.equal(await answeringAddress("127.0.0.3", port), "127.0.0.3");
  });

  test("a port below 1024, an address of another host and a text are refused in one line that says what to do", async () => {
    const line = async (address: string): Promise<string> => {
      const opened = openUdpServer({ address, port: await freeUdpPort(), receive: echo, log: quiet });
      const error: unknown = await opened.then(quiet, (reason: unknown) => reason);
      return error instanceof Error ? error.message : "";
    };
    assert.match(await line("192.0.2.77"), /^cannot listen on 192\.0\.2\.77:\d+: EADDRNOTAVAIL, this host has no such/);
    assert.match(await line("2001:db8::77"), /^cannot listen on \[2001:db8::77\]:\d+: EADDRNOTAVAIL/);
    assert.match(await line("300.1.1.1"), /this is not an IP address$/);
  });
});

describe("a port that is taken", () => {
  for (const [first, second] of [
    ["127.0.0.1", "127.0.0.1"],
    ["127.0.0.1", "0.0.0.0"],
    ["127.0.0.1", "::"],
    ["::1", "::"],
    ["0.0.0.0", "127.0.0.1"],
    ["0.0.0.0", "0.0.0.0"],
    ["::", "127.0.0.1"],
    ["::", "0.0.0.0"],
    ["::", "::1"],
    ["::", "::"],
  ] as const) {
    test(`by ${first} is refused for ${second}: SO_REUSEADDR does not hide it`, async (t) => {
      const { port } = await open(t, first);
      await assert.rejects(openUdpServer({ address: second, port, receive: echo, log: quiet }), /EADDRINUSE/);
      assert.equal(await answeringAddress(first.includes(":") ? "::1" : "127.0.0.1", port).then(() => true), true);
    });
  }

  for (const address of ["::", "0.0.0.0"]) {
    test(`two processes that want ${address} and the same port at the same instant: one has it, and the other gets an error`, async () => {
      const racers = [await startRacer(address), await startRacer(address)] as const;
      for (let round = 0; round < 40; round++) {
        const port = await freeUdpPort();
        const told = await Promise.all(racers.map((racer) => racer.ask(String(port))));
        assert.deepEqual(told.map((text) => (text.includes(": EADDRINUSE, ") ? "told" : text)).sort(), [
          "open",
          "told",
        ]);
        await Promise.all(racers.map((racer) => racer.ask("")));
      }
      await Promise.all(racers.map((racer) => racer.close()));
    });
  }

  test("is free again once the server is closed", async (t) => {
    const server = await openUdpServer({ address: "::", port: 0, receive: echo, log: quiet });
    await server.close();
    await open(t, "::", server.port);
  });
});

describe("a wildcard address", () => {
  for (const [wildcard, asked] of [
    ["::", "127.0.0.1"],
    ["::", "::1"],
    ["0.0.0.0", "127.0.0.1"],
  ] as const) {
    test(`${wildcard} answers from ${asked} when that is asked, and tells IPv4 addresses as such`, async (t) => {
      let seen = "";
      const { port } = await open(t, wildcard, 0, (datagram, { address }, reply) => {
        seen = address;
        reply(datagram);
      });
      assert.equal(await answeringAddress(asked, port), asked);
      assert.equal(seen, asked);
    });
  }

  test(":: becomes 0.0.0.0 with a log line where the host has no IPv6", async () => {
    const server = await startEcho([], "::", "--import", script("withoutIpv6"));
    try {
      assert.match(server.output(), /^info IPv6 is off on this host: listening on 0\.0\.0\.0 instead of ::/m);
      assert.equal(await answeringAddress("127.0.0.1", Number(server.port)), "127.0.0.1");
    } finally {
      await server.close();
    }
  });
});

describe("replies", () => {
  test("to datagrams that wait together leave together, when all of them were read", async (t) => {
    const totals = Buffer.alloc(1);
    const { port } = await open(t, "127.0.0.1", 0, (_datagram, _remote, reply) => {
      totals[0]! += 1;
      reply(totals);
    });
    const socket = createSocket("udp4");
    t.after(() => socket.close());
    socket.connect(port, "127.0.0.1");
    await once(socket, "connect");
    const seen: number[] = [];
    const both = new Promise<void>((resolve) => {
      socket.on("message", (reply) => {
        if (seen.push(reply[0]!) === 2) {
          resolve();
        }
      });
    });
    socket.send("one");
    socket.send("two");
    await both;
    assert.deepEqual(seen, [2, 2]);
  });

  test("that come after the server was closed are dropped, and end nothing", async () => {
    const replies: ((datagram: Buffer) => void)[] = [];
    const client = createSocket("udp4");
    const server = await openUdpServer({
      address: "127.0.0.1",
      port: 0,
      log: quiet,
      receive: (datagram, _remote, reply) => {
        replies.push(reply);
        reply(datagram);
      },
    });
    client.send("ping", server.port, "127.0.0.1");
    await once(client, "message");
    client.close();
    await server.close();
    assert.equal(replies.length, 1);
    replies[0]!(Buffer.from("late"));
  });

  test(
    "to source port 0, which no client can have, are dropped",
    { skip: !isRoot && "needs a raw socket" },
    async (t) => {
      const port = await freeUdpPort();
      const sources: number[] = [];
      const lines: string[] = [];
      const server = await openUdpServer({
        address: "127.0.0.1",
        port,
        log: (_level, message) => lines.push(message),
        receive: (datagram, remote, reply) => {
          sources.push(remote.port);
          reply(datagram);
        },
      });
      t.after(server.close);
      const python = `
import socket, struct, sys
port = int(sys.argv[1])
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
raw.sendto(struct.pack("!HHHH", 0, port, 12, 0) + b"ping", ("127.0.0.1", 0))
`;
      assert.equal((await run("/usr/bin/python3", ["-c", python, String(port)])).code, 0);
      assert.equal(await answeringAddress("127.0.0.1", port), "127.0.0.1");
      assert.equal(sources[0], 0);
      assert.deepEqual(lines, ["reply not sent"]);
    },
  );
});

const ip = (...args: string[]): void => {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  assert.equal(status, 0, `ip ${args.join(" ")}: ${stderr}`);
};
const bmcSide = `vbmc-b${process.pid}`;
const consoleSide = `vbmc-c${process.pid}`;

function canMakeNamespaces(): boolean {
  const name = `vbmc-t${process.pid}`;
  const made = spawnSync("ip", ["netns", "add", name]).status === 0;
  spawnSync("ip", ["netns", "delete", name]);
  return made;
}

describe("several addresses", { skip: !canMakeNamespaces() && "needs root and the Debian package iproute2" }, () => {
  const within = (namespace: string, ...command: string[]): string[] => ["ip", "netns", "exec", namespace, ...command];
  const bmcIp = (...args: string[]): void => ip("-n", bmcSide, ...args);

  before(() => {
    ip("netns", "add", bmcSide);
    ip("netns", "add", consoleSide);
    bmcIp("link", "add", "veth0", "type", "veth", "peer", "name", "veth0", "netns", consoleSide);
    bmcIp("link", "set", "lo", "up");
    bmcIp("addr", "add", "192.0.2.1/24", "dev", "veth0");
    bmcIp("addr", "add", "192.0.2.2/24", "dev", "veth0");
    bmcIp("addr", "add", "2001:db8::1/64", "dev", "veth0", "nodad");
    bmcIp("addr", "add", "2001:db8::2/64", "dev", "veth0", "nodad");
    bmcIp("link", "set", "veth0", "up");
    ip("-n", consoleSide, "addr", "add", "192.0.2.100/24", "dev", "veth0");
    ip("-n", consoleSide, "addr", "add", "2001:db8::100/64", "dev", "veth0", "nodad");
    ip("-n", consoleSide, "link", "set", "veth0", "up");
  });
  after(() => {
    spawnSync("ip", ["netns", "delete", bmcSide]);
    spawnSync("ip", ["netns", "delete", consoleSide]);
  });

  async function isAnswered(address: string, port: string): Promise<boolean> {
    const [program = "", ...args] = within(consoleSide, process.execPath, script("connectedClient"), address, port);
    return (await run(program, args)).code === 0;
  }

  /** Local addresses that the port is bound to. */
  async function boundAddresses(port: string): Promise<string> {
    const [program = "", ...args] = within(bmcSide, "ss", "-Huln", `sport = :${port}`);
    return (await run(program, args)).stdout;
  }

  for (const wildcard of ["::", "0.0.0.0"]) {
    test(`${wildcard} answers from whichever was asked, and from one that comes later`, async () => {
      const server = await startEcho(within(bmcSide), wildcard);
      try {
        const addresses = ["192.0.2.1", "192.0.2.2", ...(wildcard === "::" ? ["2001:db8::1", "2001:db8::2"] : [])];
        for (const address of addresses) {
          assert.ok(await isAnswered(address, server.port), address);
        }
        bmcIp("addr", "add", "192.0.2.3/24", "dev", "veth0");
        assert.ok(await isAnswered("192.0.2.3", server.port), "a new address");
        assert.match(await boundAddresses(server.port), /192\.0\.2\.3:/);
        bmcIp("addr", "delete", "192.0.2.3/24", "dev", "veth0");
        bmcIp("addr", "add", "192.0.2.4/24", "dev", "veth0");
        assert.ok(await isAnswered("192.0.2.4", server.port), "another new address");
        assert.doesNotMatch(await boundAddresses(server.port), /192\.0\.2\.3:/, "the address that is gone");
      } finally {
        await server.close();
        spawnSync("ip", ["-n", bmcSide, "addr", "delete", "192.0.2.4/24", "dev", "veth0"]);
      }
    });
  }

  test(":: serves IPv4 on interfaces that have IPv6 turned off", async () => {
    const off = within(bmcSide, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6");
    assert.equal(spawnSync(off[0]!, off.slice(1)).status, 0);
    const server = await startEcho(within(bmcSide), "::");
    try {
      assert.ok(await isAnswered("192.0.2.2", server.port));
    } finally {
      await server.close();
    }
  });
});

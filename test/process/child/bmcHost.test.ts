import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import path from "node:path";
import { test } from "node:test";

import { createBmcHost } from "../../../src/process/child/bmcHost.js";
import { createSupervisorChannel } from "../../../src/process/child/supervisorChannel.js";
import { createTimers } from "../../../src/process/common/nodeTimers.js";
import type { FromChild } from "../../../src/process/ipc/child.js";
import type { BmcConfiguration } from "../../../src/process/ipc/configuration.js";
import type { MachineReport } from "../../../src/process/ipc/reports.js";
import { type ClientSession, openClientSession } from "../../../src/protocol/client/clientSession.js";
import { freeUdpPort } from "../../support/ports.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const folder = temporaryFolder();
const poweredOn: MachineReport = { fresh: true, snapshot: { powerState: "poweredOn" } };

function configurationOf(vmName: string, port: number): BmcConfiguration {
  return {
    vmName,
    firmwareVersion: "0.1.0",
    address: "127.0.0.1",
    port,
    username: "admin",
    password: "pa55word",
    fakemac: "02:00:00:00:00:01",
    directory: path.join(folder, vmName),
    ipmi: {
      sessionTimeoutSeconds: 60,
      maxSessions: 8,
      cipherSuites: [17],
      ipmi15Auth: [],
      badPasswordThreshold: 0,
      badPasswordResetSeconds: 0,
      badPasswordLockoutSeconds: 0,
    },
  };
}

/** A host that serves the BMCs of these names in this process, and what it tells its supervisor. */
async function host(...names: string[]) {
  const sent: FromChild[] = [];
  const listeners = new Set<() => void>();
  const channel = createSupervisorChannel((message) => {
    sent.push(message);
    listeners.forEach((look) => look());
  });
  const bmcs = createBmcHost(channel);
  const ports = new Map<string, number>();
  for (const name of names) {
    const port = await freeUdpPort();
    ports.set(name, port);
    await bmcs.serve(configurationOf(name, port));
  }
  /** The first message of this type that was sent, or will be. */
  const told = <T extends FromChild["type"]>(type: T): Promise<Extract<FromChild, { type: T }>> =>
    new Promise((resolve) => {
      const look = (): void => {
        const message = sent.find((each): each is Extract<FromChild, { type: T }> => each.type === type);
        if (message) {
          listeners.delete(look);
          resolve(message);
        }
      };
      listeners.add(look);
      look();
    });
  const logIn = (name: string, timeoutMs = 1_000): Promise<ClientSession> => {
    const port = ports.get(name) ?? 0;
    return openClientSession({ host: "127.0.0.1", port, username: "admin", password: "pa55word", timeoutMs });
  };
  const isServed = async (name: string): Promise<boolean> => {
    const session = await logIn(name);
    const { completionCode } = await session.request({ netFn: 0x06, command: 0x01 });
    await session.close();
    return completionCode === 0;
  };
  return { bmcs, channel, sent, ports, told, logIn, isServed };
}

test("a BMC whose port is taken fails alone, with the reason", async () => {
  const { bmcs, told, isServed } = await host("vm1");
  const taken: Socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(taken, "listening");
  await bmcs.serve(configurationOf("vm2", taken.address().port));
  const { vmName, reason } = await told("failed");
  assert.equal(vmName, "vm2");
  assert.match(reason, /EADDRINUSE/);
  assert.ok(await isServed("vm1"));
  taken.close();
  await bmcs.close();
});

test("an operation that ends after its BMC was given up disturbs no other", async () => {
  const { bmcs, channel, told, logIn, isServed } = await host("vm1", "vm2");
  bmcs.report("vm1", poweredOn);
  const session = await logIn("vm1", 200);
  const unanswered = assert.rejects(session.request({ netFn: 0x00, command: 0x02, data: [0] }), /no answer/);
  const { id } = await told("operation");
  await bmcs.withdraw("vm1");
  channel.settle({ type: "operationResult", id, result: { ok: true } });
  assert.ok(await isServed("vm2"));
  await unanswered;
  await session.close();
  await bmcs.close();
});

test("a report that a BMC cannot digest is logged, and its neighbours and itself go on", async () => {
  const { bmcs, told, sent, isServed } = await host("vm1", "vm2");
  sent.length = 0;
  bmcs.report("vm1", { fresh: true, snapshot: null as never });
  const { level, fields } = await told("log");
  assert.equal(level, "error");
  assert.equal(fields["vm"], "vm1");
  assert.ok(await isServed("vm2"));
  bmcs.report("vm1", poweredOn);
  assert.ok(await isServed("vm1"));
  await bmcs.close();
});

test("datagrams of any kind to one BMC leave its neighbours untouched", async () => {
  const { bmcs, ports, isServed } = await host("vm1", "vm2");
  const socket = createSocket("udp4");
  for (const datagram of ["", "06", "0600ff07", "0600ff0706", `0600ff0706${"ff".repeat(60)}`, "ff".repeat(1400)]) {
    socket.send(Buffer.from(datagram, "hex"), ports.get("vm1"), "127.0.0.1");
  }
  assert.ok(await isServed("vm1"));
  assert.ok(await isServed("vm2"));
  socket.close();
  await bmcs.close();
});

test("given up, a BMC leaves its port free at once, and its neighbours their sessions", async () => {
  const { bmcs, ports, told, logIn } = await host("vm1", "vm2");
  const session = await logIn("vm2");
  await bmcs.withdraw("vm1");
  assert.equal((await told("withdrawn")).vmName, "vm1");
  const next = createSocket("udp4").bind(ports.get("vm1"), "127.0.0.1");
  await once(next, "listening");
  next.close();
  assert.equal((await session.request({ netFn: 0x06, command: 0x01 })).completionCode, 0);
  await session.close();
  await bmcs.close();
});

test("a timer whose action fails tells so, and does not end the process", async () => {
  const fault = await new Promise((resolve) => {
    createTimers(resolve).after(0, () => {
      throw new Error("planted");
    });
  });
  assert.match(String(fault), /planted/);
});

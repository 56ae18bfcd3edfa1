/** The console of a BMC against a console process: who types, and whose it is after the stream was lost. */
import assert from "node:assert/strict";
import path from "node:path";
import { after, test } from "node:test";

import type { ConsoleConnection } from "../../../src/model/machine/console.js";
import { createRemoteConsole } from "../../../src/process/child/remoteConsole.js";
import { createWriterNotices } from "../../../src/process/child/writerNotices.js";
import { patiently } from "../../support/patience.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";
import { type TestConsoles, testConsoles } from "../../support/testConsoles.js";

interface Remote {
  readonly consoles: TestConsoles;
  readonly connection: ConsoleConnection;
  readonly notices: readonly string[];
  readonly noticed: (text: string) => Promise<void>;
}

const operator = { user: "operator", from: "192.0.2.9" };

async function openRemote(): Promise<Remote> {
  const socketPath = path.join(temporaryFolder(), "console");
  const consoles = await testConsoles({ socketPath });
  const notices: string[] = [];
  const looks = new Set<() => void>();
  let keys = 0;
  const remote = createRemoteConsole({
    place: (user) => {
      const key = `sol-${++keys}`;
      const admission = { vmName: "vm-01", key, kind: "sol" as const, ...user };
      consoles.process.admit({
        ...{ type: "admit", id: -keys },
        admission: { ...admission, isReadOnly: false, replayBytes: 0, validMs: 5_000 },
      });
      return Promise.resolve({ socketPath, key });
    },
    log: () => undefined,
  });
  const connection = remote.open(operator, {
    onData: () => undefined,
    onStatus: () => undefined,
    onOverrun: () => undefined,
    onDrain: () => undefined,
    onNotice: (text) => {
      notices.push(text);
      looks.forEach((look) => look());
    },
  });
  after(() => connection.close());
  await connection.settled;
  const noticed = (text: string): Promise<void> =>
    patiently(
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (notices.some((each) => each.includes(text))) {
            looks.delete(look);
            resolve();
          }
        };
        looks.add(look);
        look();
      }),
      () => `no ${text} among ${notices.join("; ")}`,
    );
  return { consoles, connection, notices, noticed };
}

test("who opens it takes it without a notice, and reads who takes it away", async () => {
  const { consoles, connection, notices, noticed } = await openRemote();
  const bob = await consoles.view("vm-01", { user: "bob" });
  assert.equal(bob.status.writer?.user, "operator");
  connection.write(Buffer.from("x"));
  assert.deepEqual(notices, []);
  bob.stream.take();
  await noticed("bob (vbmc console) types on this console; what you type is discarded until you activate SOL again");
  bob.stream.close();
  await noticed("what you type reaches the VM again");
  assert.equal(notices.length, 2);
});

test("the writer is the writer again after the stream was lost, although a watcher was faster", async () => {
  const { consoles, notices } = await openRemote();
  await consoles.view("vm-01", { user: "alice" });
  consoles.process.withdraw("vm-01");
  consoles.serve({ vmName: "vm-01" });
  const faster = await consoles.view("vm-01", { user: "alice" });
  await faster.until(() => faster.status.writer?.user === "operator");
  assert.deepEqual(notices, [], "no client has taken it");
});

test("one who came meanwhile keeps it", async () => {
  const { consoles, noticed } = await openRemote();
  consoles.process.withdraw("vm-01");
  consoles.serve({ vmName: "vm-01" });
  const late = await consoles.view("vm-01", { user: "late" });
  await noticed("late (vbmc console) types on this console");
  assert.equal(late.status.isWriter, true);
});

test("one who goes on typing reads it again, but not for each key, nor for the NUL of a keep-alive", () => {
  const said: string[] = [];
  let time = 0;
  const notices = createWriterNotices(
    (text) => said.push(text),
    () => time,
  );
  const writer = { kind: "terminal", user: "b\x1bob", from: "" } as const;
  notices.changed({ connected: true, isWriter: false, writer, watchers: [] });
  assert.match(said[0] ?? "", /^b ob \(vbmc console\) types/);
  time = 4_999;
  notices.typed(Buffer.from("b"));
  time = 5_000;
  notices.typed(Buffer.from([0]));
  assert.equal(said.length, 1);
  notices.typed(Buffer.from("c"));
  assert.equal(said.length, 2);
});

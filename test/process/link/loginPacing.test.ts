/** Refused logins: no account is locked by us, and one that is locked can end its lock. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";

import { type LoginPacing, openLoginPacing } from "../../../src/process/link/loginPacing.js";
import { isState, linksOfThisFile, startLink } from "../../support/servedLink.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const open = linksOfThisFile();
const minuteMs = 60_000;

interface Clock {
  ms: number;
}

function pacingAt(clock: Clock, file?: string, password = "wrong"): Promise<LoginPacing> {
  return openLoginPacing({ file, password, now: () => clock.ms, random: () => 0 });
}

/** The times of the tries that are made by themselves and all refused, minutes from the first. */
async function tries(isHost: boolean, count: number): Promise<number[]> {
  const clock = { ms: 1_000_000 };
  const pacing = await pacingAt(clock);
  const times: number[] = [];
  for (let done = 0; done < count && Number.isFinite(pacing.dueInMs()); done++) {
    clock.ms += pacing.dueInMs();
    times.push((clock.ms - 1_000_000) / minuteMs);
    await pacing.refused({ isHost });
  }
  return times;
}

test("a vCenter: never 5 tries in 30 minutes, pauses of more than 15 minutes and then more than 30", async () => {
  assert.deepEqual(await tries(false, 7), [0, 1, 17, 48, 79, 110, 141]);
});

test("an ESXi host, which locks after 5 in a row whatever time lies between them: 4, and no more by ourselves", async () => {
  assert.deepEqual(await tries(true, 7), [0, 1, 17, 48]);
});

test("what someone asks for is tried, but no more than 3 times in 30 minutes with ours", async () => {
  const clock = { ms: 1_000_000 };
  const pacing = await pacingAt(clock);
  for (let asked = 0; asked < 3; asked++) {
    assert.ok(pacing.mayTryNow());
    await pacing.refused({ isHost: false });
  }
  assert.ok(!pacing.mayTryNow());
  clock.ms += 31 * minuteMs;
  assert.ok(pacing.mayTryNow());
});

test("a restart forgets nothing, another password is tried at once, and the file tells no password", async () => {
  const file = path.join(temporaryFolder(), "links", "refused-logins.json");
  const clock = { ms: 1_000_000 };
  await (await pacingAt(clock, file)).refused({ isHost: false });
  assert.equal((await pacingAt(clock, file)).dueInMs(), minuteMs);
  assert.equal((await pacingAt(clock, file, "another")).dueInMs(), 0);
  assert.doesNotMatch(await readFile(file, "utf8"), /wrong/);
  assert.equal((await stat(file)).mode & 0o077, 0);
  await (await pacingAt(clock, file)).succeeded();
  assert.equal((await pacingAt(clock, file)).dueInMs(), 0);
});

test("a clock that was ahead when a login was refused, and was set right since, keeps no client waiting for years", async () => {
  const file = path.join(temporaryFolder(), "refused-logins.json");
  const clock = { ms: Date.UTC(2036, 0) };
  await (await pacingAt(clock, file)).refused({ isHost: false });
  clock.ms = Date.UTC(2026, 0);
  const pacing = await pacingAt(clock, file);
  assert.ok(pacing.mayTryNow());
  const pauseMs = pacing.dueInMs();
  assert.ok(pauseMs > 0 && pauseMs < 35 * minuteMs, String(pauseMs));
  clock.ms += pauseMs;
  assert.equal(pacing.dueInMs(), 0);
});

test("a file that is not ours counts as none, and a pipe holds up nothing", async () => {
  const file = path.join(temporaryFolder(), "refused-logins.json");
  const clock = { ms: 1_000_000 };
  await (await pacingAt(clock, file)).refused({ isHost: false });
  const kept = JSON.parse(await readFile(file, "utf8")) as object;
  for (const damage of [{ nextTryAt: "later" }, { nextTryAt: 1e300 }, { at: ["x"] }, { at: {} }, { salt: 1 }]) {
    await writeFile(file, JSON.stringify({ ...kept, ...damage }));
    assert.equal((await pacingAt(clock, file)).dueInMs(), 0, JSON.stringify(damage));
  }
  await rm(file);
  execFileSync("mkfifo", [file]);
  assert.equal((await pacingAt(clock, file)).dueInMs(), 0);
});

test("refusals of months take no more room than those that count", async () => {
  const file = path.join(temporaryFolder(), "refused-logins.json");
  const clock = { ms: 1_000_000 };
  const pacing = await pacingAt(clock, file);
  for (let day = 0; day < 40; day++) {
    await pacing.refused({ isHost: false });
  }
  assert.ok((await stat(file)).size < 1_000);
});

test("a login that succeeds after a refused one is used, though nothing of it can be kept", async () => {
  const place = temporaryFolder();
  await writeFile(path.join(place, "file"), "");
  const trustFile = path.join(place, "file", "certificate");
  const first = await open();
  await first.stopLink();
  first.simulator.rules.add({ method: "Login", times: 1, misbehaviour: { kind: "fault", type: "InvalidLogin" } });
  const next = await startLink({ after: first, configuration: { tls: { trustFile } } });
  await next.until(isState("loginFailed"));
  const answer = await next.link.ask({ name: "discover", search: undefined, folder: undefined } as never, 5_000);
  assert.ok(answer.ok, JSON.stringify(answer));
  await next.serve("vm-01");
  await next.stopLink();
});

test("restarts of the link and questions of users do not lock an account that 5 wrong logins lock", async () => {
  const first = await open({ configuration: { password: "wrong" }, simulator: { esxi: true } });
  first.simulator.behaviour.lockAfterFailures = 5;
  await first.until(isState("loginFailed"));
  for (let round = 0; round < 6; round++) {
    await first.stopLink();
    const next = await startLink({ after: first, configuration: { password: "wrong" } });
    await next.until(isState("loginFailed"));
    const answer = await next.link.ask({ name: "discover", search: undefined, folder: undefined } as never, 5_000);
    assert.ok(!answer.ok && /is not retried before/.test(answer.message) === round >= 2, JSON.stringify(answer));
    await next.stopLink();
  }
  assert.equal(first.calls("Login"), 3);
  const right = await startLink({ after: first });
  await right.serve("vm-01");
  await right.stopLink();
});

test("an account without any role is reported as that, and is tried again seldom", async () => {
  const served = await open();
  served.simulator.rules.add({ method: "Login", misbehaviour: { kind: "fault", type: "NoPermission" } });
  await served.stopLink();
  const next = await startLink({ after: served });
  const message = await next.until(isState("loginFailed"));
  assert.match(JSON.stringify(message), /has no role there at all/);
  assert.ok(message.type === "linkState" && message.linkState.state === "loginFailed");
  assert.ok(Date.parse(message.linkState.nextTry ?? "") - Date.now() > 9 * minuteMs);
  await next.stopLink();
});

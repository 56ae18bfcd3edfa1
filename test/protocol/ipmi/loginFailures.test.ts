import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { LoginFailure } from "../../../src/model/bmc/users/loginFailures.js";
import { openPlainPacket, openSessionRequest, plainPacket, rakp1, rakp3 } from "../../support/packets.js";
import { createTestBmc, logIn, type TestBmc } from "../../support/testBmc.js";

const policy = { threshold: 3, countResetSeconds: 60, lockoutSeconds: 300 };
const unauthorizedName = /RAKP 2 status 13/;

let tag = 0;

function beginLogin(bmc: TestBmc, name = "admin"): { readonly id: number; readonly status: number } {
  // A tag of its own, or else it would be a retransmission of the login before.
  const [opened] = bmc.exchange(plainPacket(0x10, openSessionRequest(1, 1, 1, 0, ++tag & 0xff)));
  const id = openPlainPacket(opened!).payload.readUInt32LE(8);
  const [message2] = bmc.exchange(plainPacket(0x12, rakp1(id, name)));
  return { id, status: openPlainPacket(message2!).payload[1]! };
}

/** The status that a guess of the password gets in RAKP Message 4. */
function guess(bmc: TestBmc, id = beginLogin(bmc).id): number {
  const [message4] = bmc.exchange(plainPacket(0x14, rakp3(id, Buffer.alloc(20, 0x5a))));
  return openPlainPacket(message4!).payload[1]!;
}

describe("failed logins", () => {
  test("1,000 of them never lock out the right password, where no threshold is set", () => {
    const bmc = createTestBmc();
    for (let count = 0; count < 1_000; count++) {
      assert.equal(guess(bmc), 0x0f);
    }
    logIn(bmc);
  });

  test("are logged with their count at the 1st, 10th, 100th … of a source and user", () => {
    const bmc = createTestBmc();
    for (let count = 0; count < 1_000; count++) {
      guess(bmc);
    }
    const lines = bmc.log.filter(({ message }) => message === "login refused");
    assert.deepEqual(
      lines.map(({ fields }) => fields),
      [1, 10, 100, 1_000].map((failures, index) => ({
        source: "192.0.2.1",
        user: "admin",
        reason: "wrong password",
        failures,
        ...(index > 0 && { failuresNotLogged: [8, 89, 899][index - 1] }),
      })),
    );
  });

  test("from many addresses fill no log either, and the count goes on when the minute is over", () => {
    const bmc = createTestBmc();
    const failFrom = (address: string): void => {
      const send = (payloadType: number, payload: Buffer): Buffer => {
        let reply: Buffer = Buffer.alloc(0);
        bmc.responder.receive(
          plainPacket(payloadType, payload),
          { address, port: 1 },
          (datagram) => (reply = datagram),
        );
        return openPlainPacket(reply).payload;
      };
      const id = send(0x10, openSessionRequest(1, 1, 1)).readUInt32LE(8);
      send(0x12, rakp1(id, "unknown"));
    };
    for (let host = 0; host < 1_000; host++) {
      failFrom(`2001:db8::${host.toString(16)}`);
    }
    const lines = () => bmc.log.filter(({ message }) => message === "login refused");
    assert.equal(lines().length, 20);
    bmc.now += 60_000;
    failFrom("192.0.2.200");
    assert.equal(lines().at(-1)?.fields["failuresNotLogged"], 980);
  });

  test("name no user who does not exist: a password may have been typed in the wrong field", () => {
    const bmc = createTestBmc();
    beginLogin(bmc, "hunter2");
    assert.ok(!JSON.stringify(bmc.log).includes("hunter2"));
  });

  test("are told to whom it may concern, one by one", () => {
    const failures: LoginFailure[] = [];
    const bmc = createTestBmc({}, { onLoginFailed: (failure) => failures.push(failure) });
    guess(bmc);
    beginLogin(bmc, "unknown");
    const { id } = beginLogin(bmc);
    // The console found that RAKP Message 2 does not fit its password.
    bmc.exchange(plainPacket(0x14, rakp3(id, Buffer.alloc(0), 0x0f)));
    const admin = { id: 2, name: "admin" };
    const source = "192.0.2.1";
    assert.deepEqual(failures, [
      { reason: "wrong password", user: admin, source, count: 1, disablesUser: false, isLogged: true },
      { reason: "unknown user", user: undefined, source, count: 1, disablesUser: false, isLogged: true },
      { reason: "wrong password", user: admin, source, count: 2, disablesUser: false, isLogged: false },
    ]);
  });

  test("are not counted twice when the last message is sent again", () => {
    const failures: LoginFailure[] = [];
    const bmc = createTestBmc({}, { onLoginFailed: (failure) => failures.push(failure) });
    const { id } = beginLogin(bmc);
    for (let count = 0; count < 5; count++) {
      assert.equal(guess(bmc, id), 0x0f);
    }
    assert.equal(failures.length, 1);
  });
});

describe("the bad password threshold (LAN parameter 26)", () => {
  test("the third bad password in a row disables the user, who is then answered like an unknown one", () => {
    const bmc = createTestBmc({ badPasswordPolicy: policy });
    [1, 2, 3].forEach(() => assert.equal(guess(bmc), 0x0f));
    assert.throws(() => logIn(bmc), unauthorizedName);
    assert.equal(bmc.log.at(-1)?.fields["reason"], "user disabled after bad passwords");
  });

  test("a good password in between resets the count", () => {
    const bmc = createTestBmc({ badPasswordPolicy: policy });
    for (let round = 0; round < 4; round++) {
      guess(bmc);
      guess(bmc);
      logIn(bmc);
    }
  });

  test("the count is reset after the attempt count reset interval", () => {
    const bmc = createTestBmc({ badPasswordPolicy: policy });
    guess(bmc);
    guess(bmc);
    bmc.now += 60_000;
    guess(bmc);
    logIn(bmc);
  });

  test("the user is enabled again after the lock-out interval", () => {
    const bmc = createTestBmc({ badPasswordPolicy: policy });
    [1, 2, 3].forEach(() => guess(bmc));
    bmc.now += 299_000;
    assert.throws(() => logIn(bmc), unauthorizedName);
    bmc.now += 1_000;
    logIn(bmc);
  });

  test("with a lock-out interval of 0 the user stays disabled, sessions that are open go on", async () => {
    const bmc = createTestBmc({ badPasswordPolicy: { ...policy, lockoutSeconds: 0 } });
    const session = logIn(bmc);
    [1, 2, 3].forEach(() => guess(bmc));
    assert.equal((await session.request(0x06, 0x01)).code, 0);
    bmc.now += 30 * 24 * 3_600_000;
    assert.throws(() => logIn(bmc), unauthorizedName);
  });

  test("Set User Access enables the user again at once", async () => {
    const bmc = createTestBmc({ badPasswordPolicy: { ...policy, lockoutSeconds: 0 } });
    const session = logIn(bmc);
    await session.request(0x06, 0x3b, [4]);
    [1, 2, 3].forEach(() => guess(bmc));
    assert.equal((await session.request(0x06, 0x43, [0x91, 2, 4])).code, 0);
    logIn(bmc);
  });

  test("guesses that were begun before do not go on, not even a right one, and are not told from wrong ones", () => {
    const bmc = createTestBmc({ badPasswordPolicy: policy });
    const begun = Array.from({ length: 6 }, () => beginLogin(bmc).id);
    assert.deepEqual(
      begun.map((id) => guess(bmc, id)),
      [0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f],
    );
    assert.equal(bmc.log.filter(({ fields }) => fields["userDisabled"] === true).length, 1);
  });

  test("is reported as LAN parameter 26, intervals in tens of seconds", async () => {
    const bmc = createTestBmc({ badPasswordPolicy: { threshold: 3, countResetSeconds: 65, lockoutSeconds: 5_000 } });
    const session = logIn(bmc);
    await session.request(0x06, 0x3b, [4]);
    const { data } = await session.request(0x0c, 0x02, [1, 26, 0, 0]);
    assert.deepEqual([...data], [0x11, 0x00, 3, 7, 0, 0xf4, 0x01]);
  });
});

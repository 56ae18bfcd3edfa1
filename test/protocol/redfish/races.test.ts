/** What happens at the same time: writes under one ETag, more sessions than there may be, and wrong passwords over both protocols. */
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  openPlainPacket,
  openSessionRequest,
  plainPacket,
  rakp1,
  rakp3,
  rakpSecrets,
  suites,
} from "../../support/packets.js";
import { basic, createTestRedfish, type Reply, type TestRedfish } from "../../support/testRedfish.js";

const system = "/redfish/v1/Systems/1";
const sessions = "/redfish/v1/SessionService/Sessions";
const credentials = { UserName: "admin", Password: "password" };

test("of two PATCHes that are sent at once under one ETag, one writes and the other learns that it came too late", async () => {
  const redfish = createTestRedfish();
  const { headers } = await redfish.send("GET", system);
  const tag = { "if-match": headers["ETag"] ?? "" };
  const replies = await Promise.all([
    redfish.send("PATCH", system, { AssetTag: "first" }, tag),
    redfish.send("PATCH", system, { AssetTag: "second" }, tag),
  ]);
  assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 412]);
  const winner = replies.findIndex(({ status }) => status === 200);
  assert.equal((await redfish.get(system))["AssetTag"], ["first", "second"][winner]);
});

test("PATCHes without an ETag that are sent at once are done one after the other", async () => {
  const redfish = createTestRedfish();
  const tags = Array.from({ length: 8 }, (_, index) => `tag ${index}`);
  const replies = await Promise.all(tags.map((tag) => redfish.send("PATCH", system, { AssetTag: tag })));
  assert.ok(replies.every(({ status }, index) => status === 200 && replies[index]?.body["AssetTag"] === tags[index]));
});

test("more logins than sessions leave as many as there may be, of which the latest work", async () => {
  const redfish = createTestRedfish({}, { maxSessions: 4 });
  const replies: Reply[] = [];
  for (let index = 0; index < 10; index++) {
    redfish.pass(1_000);
    replies.push(await redfish.send("POST", sessions, credentials, { authorization: "" }));
  }
  const statusOf = async ({ headers }: Reply): Promise<number> =>
    (await redfish.send("GET", system, undefined, { "x-auth-token": headers["X-Auth-Token"] ?? "" })).status;
  const statuses = await Promise.all(replies.map(statusOf));
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 401, 200, 200, 200, 200]);
  assert.equal(redfish.service.openSessions(), 4);
});

const policy = { badPasswordPolicy: { threshold: 3, countResetSeconds: 0, lockoutSeconds: 60 } };
const byRedfish = async (redfish: TestRedfish, password: string): Promise<boolean> =>
  (await redfish.send("GET", system, undefined, basic("admin", password))).status === 200;
/** As a console that does not look at RAKP Message 2, and sends Message 3 whatever the password. */
function byIpmi(redfish: TestRedfish, password: string): Promise<boolean> {
  const { auth, integ, conf } = suites[3];
  const exchange = (type: number, payload: Buffer): Buffer => {
    const [reply = Buffer.alloc(0)] = redfish.exchange(plainPacket(type, payload));
    return openPlainPacket(reply).payload;
  };
  const id = exchange(0x10, openSessionRequest(auth, integ, conf, 0)).readUInt32LE(8);
  const message2 = exchange(0x12, rakp1(id, "admin"));
  if (message2[1] !== 0) {
    return Promise.resolve(false);
  }
  const login = { suite: 3, name: "admin", password } as const;
  const { code3 } = rakpSecrets(login, id, message2.subarray(8, 24), message2.subarray(24, 40));
  return Promise.resolve(exchange(0x14, rakp3(id, code3))[1] === 0);
}

for (const [first, second, here, there] of [
  ["Redfish", "IPMI", byRedfish, byIpmi],
  ["IPMI", "Redfish", byIpmi, byRedfish],
] as const) {
  test(`wrong passwords over ${first} lock the account over ${second} as well, until the time is over`, async () => {
    const redfish = createTestRedfish(policy);
    for (let count = 0; count < 3; count++) {
      assert.equal(await here(redfish, "wrong"), false);
    }
    assert.deepEqual([await there(redfish, "password"), await here(redfish, "password")], [false, false]);
    redfish.pass(61_000);
    assert.deepEqual([await there(redfish, "password"), await here(redfish, "password")], [true, true]);
  });
}

test("wrong passwords over both protocols count together", async () => {
  const redfish = createTestRedfish(policy);
  await byRedfish(redfish, "wrong");
  await byIpmi(redfish, "wrong");
  await byRedfish(redfish, "wrong");
  assert.deepEqual([await byRedfish(redfish, "password"), await byIpmi(redfish, "password")], [false, false]);
});

/** POST of events to subscribers, over real sockets. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import { isOutside } from "../../../src/io/address/destination.js";
import { createDelivery } from "../../../src/process/child/redfish/delivery.js";

const destination = { headers: [{ name: "X-Rack", value: "7" }], verifyCertificate: false };

test("an event arrives with its headers, and is delivered only with a status of success", async () => {
  const requests: IncomingMessage[] = [];
  const statuses = [204, 302, 500];
  const server = createServer((request, response) => {
    requests.push(request);
    response
      .writeHead(statuses[requests.length - 1] ?? 500, { Location: "/elsewhere" })
      .end("a body that is of no interest");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://localhost:${(server.address() as AddressInfo).port}/events`;
  const { post } = createDelivery(() => true);
  await post({ url, ...destination }, "{}");
  await assert.rejects(post({ url, ...destination }, "{}"), /returned HTTP 302$/);
  await assert.rejects(post({ url, ...destination }, "{}"), /returned HTTP 500$/);
  const [{ method, headers } = assert.fail()] = requests;
  assert.deepEqual([method, headers["x-rack"], headers["content-type"]], ["POST", "7", "application/json"]);
  assert.equal(requests.length, 3, "a redirect is not followed");
  await assert.rejects(createDelivery(isOutside).post({ url, ...destination }, "{}"), /events are not sent there/);
  assert.equal(requests.length, 3, "a name may stand for an address of this host");
  server.close();
});

test("addresses of the host, link-local, multicast and unspecified ones are refused in every spelling", () => {
  const { refusal } = createDelivery(isOutside);
  for (const host of [
    "127.0.0.1",
    "127.1",
    "0x7f000001",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "169.254.169.254",
    "[fe80::1]",
  ]) {
    assert.match(refusal(`http://${host}/`) ?? "", /events are not sent there/, host);
  }
  for (const host of ["0.0.0.0", "[::]", "224.0.0.1", "[ff02::1]", "[::ffff:169.254.169.254]"]) {
    assert.match(refusal(`https://${host}:8443/x`) ?? "", /events are not sent there/, host);
  }
  assert.equal(refusal("https://192.0.2.7/events"), undefined);
  assert.equal(refusal("https://events.example.com/"), undefined);
  assert.match(refusal("https://[") ?? "", /is not a valid URL/);
});

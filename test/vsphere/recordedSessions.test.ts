/** Sessions and statistics as real servers answer them, vCenter 5.5 to 8.0.3 and ESXi 6.0. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import type { MachineStatistics } from "../../src/model/machine/statistics.js";
import { createStatisticsReader } from "../../src/vsphere/statistics.js";
import { envelope, recorded, type RecordedServer, startRecordedServer } from "../support/recordedServer.js";

let server: RecordedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

for (const [file, fullName, rootFolder] of [
  ["vcenter-5.5.0", /5\.5\.0/, "group-d1"],
  ["vcenter-6.0.0", /6\.0\.0/, "group-d1"],
  ["vcenter-6.5.0", /6\.5\.0/, "group-d1"],
  ["vcenter-8.0.3", /8\.0\.3/, "group-d1"],
  ["esxi-6.0.0", /ESXi 6\.0\.0/, "ha-folder-root"],
] as const) {
  test(`${file}: a session, and whose it is`, async () => {
    server = await startRecordedServer({
      RetrieveServiceContent: [recorded(`content/${file}.xml`)],
      Login: [recorded("login/ok-1.xml")],
    });
    const session = await server.openSession();
    assert.match(session.content.fullName ?? "", fullName);
    assert.equal(session.content.rootFolder.value, rootFolder);
    assert.equal(session.key(), "9C0257A6-F97A-4499-A8CF-75770F9DCBFF");
  });
}

const vm = { type: "VirtualMachine", value: "vm-1" };
const summary = envelope(
  `<RetrievePropertiesExResponse xmlns="urn:vim25"><returnval><objects><obj type="VirtualMachine">vm-1</obj><propSet>` +
    `<name>summary.quickStats</name><val xsi:type="VirtualMachineQuickStats"><overallCpuUsage>19</overallCpuUsage></val>` +
    `</propSet></objects></returnval></RetrievePropertiesExResponse>`,
);

/** Reads the statistics of vm-1 when the counters and the answer to QueryPerf are these. */
async function readerOf(counters: string, queryPerf: string): Promise<() => Promise<MachineStatistics>> {
  server = await startRecordedServer({
    RetrieveServiceContent: [recorded("content/vcenter-8.0.3.xml")],
    RetrievePropertiesEx: [counters, summary],
    QueryPerf: [queryPerf],
  });
  const read = createStatisticsReader(await server.openSession(), (reason) => assert.fail(reason));
  return () => read(vm, 10_000);
}

async function statisticsOf(counters: string, queryPerf: string): Promise<MachineStatistics> {
  return (await readerOf(counters, queryPerf))();
}

test("a power counter without a sample (-1) is no value, the others are (perf/query-no-power)", async () => {
  const statistics = await statisticsOf(recorded("perf/counters-few.xml"), recorded("perf/query-no-power.xml"));
  assert.deepEqual(statistics, { cpuUsageMhz: 19, diskUsageKbps: 7, networkUsageKbps: 3 });
});

test("where QueryPerf answers nothing, the summary is left (perf/query-nothing)", async () => {
  const statistics = await statisticsOf(recorded("perf/counters-few.xml"), recorded("perf/query-nothing.xml"));
  assert.deepEqual(statistics, { cpuUsageMhz: 19 });
});

/** As vCenter 9.0.1 has them: 810 counters, those that we want among them. */
function manyCounters(): string {
  const few = recorded("perf/counters-few.xml");
  const [pattern = ""] = /<PerfCounterInfo.*?<\/PerfCounterInfo>/s.exec(few) ?? [];
  const more = Array.from({ length: 789 }, (_, index) =>
    pattern.replace("<key>1</key>", `<key>${1_000 + index}</key>`).replace(/<key>usage<\/key>/, `<key>x${index}</key>`),
  );
  return few.replace("</val>", `${more.join("")}</val>`);
}

test("810 counters keep the process from nothing else for 50 ms: most of them are not parsed", async () => {
  const counters = manyCounters();
  assert.equal(counters.match(/<PerfCounterInfo /g)?.length, 810);
  // The first one compiles.
  await statisticsOf(recorded("perf/counters-few.xml"), recorded("perf/query-no-power.xml"));
  await server?.close();
  const read = await readerOf(counters, recorded("perf/query-no-power.xml"));
  const before = process.cpuUsage();
  const statistics = await read();
  const { user, system } = process.cpuUsage(before);
  assert.deepEqual(statistics, { cpuUsageMhz: 19, diskUsageKbps: 7, networkUsageKbps: 3 });
  // CPU time, since others take their share of the clock's; the server's work is in it.
  const milliseconds = (user + system) / 1_000;
  assert.ok(milliseconds < 50, `${milliseconds} ms`);
});

/** Recorded answers of WaitForUpdatesEx: what is known of each VM after them. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { toSnapshot } from "../../src/vsphere/machineSnapshot.js";
import type { Properties } from "../../src/vsphere/properties.js";
import { createWatch } from "../../src/vsphere/watch.js";
import { envelope, recorded, reference, startRecordedServer } from "../support/recordedServer.js";

test("a truncated set of updates is asked on for, unset values are absent, and become so", async () => {
  const nothing = envelope(`<WaitForUpdatesExResponse xmlns="urn:vim25"/>`);
  const server = await startRecordedServer({
    CreatePropertyCollector: [reference("CreatePropertyCollector", "PropertyCollector", "collector")],
    CreateFilter: [reference("CreateFilter", "PropertyFilter", "filter")],
    WaitForUpdatesEx: [...["1-truncated", "2-rest", "3-unset"].map((name) => recorded(`updates/${name}.xml`)), nothing],
  });
  const session = await server.openSession();
  const known = new Map<string, Properties[]>();
  const watch = createWatch(session, {
    onUpdate: ({ value }, properties) => {
      assert.ok(properties instanceof Map);
      known.set(value, [...(known.get(value) ?? []), new Map(properties as Properties)]);
      if ((known.get("vm-1")?.length ?? 0) === 2) {
        watch.stop();
      }
    },
    onRefused: assert.ifError,
    onSilence: () => undefined,
  });
  await watch.watch(["vm-1", "vm-2"].map((value) => ({ type: "VirtualMachine", value })));
  await watch.run();
  const [first = new Map(), last = new Map()] = known.get("vm-1") ?? [];
  const { name, powerState, bootTime, guestHostName, biosUuid, smbiosUuid } = toSnapshot(first) ?? {};
  assert.deepEqual(
    [name, powerState, bootTime, guestHostName, biosUuid, smbiosUuid],
    [
      "node%2f1 ü",
      "poweredOn",
      "2026-05-05T18:41:00.123456Z",
      undefined,
      "421f245c-7fa8-60fa-6af6-a46351ced0eb",
      "5c241f42-a87f-fa60-6af6-a46351ced0eb",
    ],
  );
  assert.deepEqual([toSnapshot(last)?.powerState, toSnapshot(last)?.bootTime], ["poweredOff", undefined]);
  const second = toSnapshot(known.get("vm-2")?.[0] ?? new Map());
  assert.deepEqual([second?.powerState, second?.biosUuid], ["poweredOff", undefined]);
  await server.close();
});

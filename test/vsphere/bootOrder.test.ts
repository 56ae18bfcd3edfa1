/** Boot orders of VMs as real servers describe them: recordings, and devices after the published types. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { type BootEntry, type OrderedDevice, orderWithFirst } from "../../src/vsphere/bootOrder.js";
import type { VimSession } from "../../src/vsphere/session.js";
import { recordedMachine as machine, sessionOf } from "../support/recordedDevices.js";

/** [recorded devices, device asked for, the order: kind and key, separated by blanks] */
const cases: readonly (readonly [string, OrderedDevice, RegExp])[] = [
  ["recorded-vmx-08-bios.xml", "pxe", /^pxe4000 .*disk2000/],
  ["recorded-vmx-08-bios.xml", "cdrom", /^cdrom /],
  ["recorded-vmx-10-bios.xml", "disk", /^disk2000/],
  ["recorded-vmx-14-efi.xml", "pxe", /^pxe4000 .*disk/],
  ["vrdma.xml", "pxe", /^pxe4000 disk2000$/],
  ["ten-adapters-twelve-disks.xml", "pxe", /^pxe4000( pxe40\d\d){4}( disk20\d\d){8}( cdrom)?$/],
  ["ten-adapters-twelve-disks.xml", "disk", /^disk2000( disk20\d\d){7}( pxe40\d\d){5}( cdrom)?$/],
];

function described(order: readonly BootEntry[]): string {
  return order.map(({ device, deviceKey = "" }) => `${device}${deviceKey}`).join(" ");
}

for (const [file, device, expected] of cases) {
  test(`${file}: ${device} first`, async () => {
    assert.match(described(await orderWithFirst(await sessionOf(file), machine, device, [])), expected);
  });
}

test("what was first of its kind stays first of it, and within the limit", async () => {
  const session = await sessionOf("ten-adapters-twelve-disks.xml");
  const former = [
    { device: "disk", deviceKey: 2011 },
    { device: "pxe", deviceKey: 4009 },
    { device: "disk", deviceKey: 9999 },
  ] as const;
  assert.match(
    described(await orderWithFirst(session, machine, "pxe", former)),
    /^pxe4009( pxe400[0-3]){4} disk2011( disk200[0-6]){7}/,
  );
});

test("any type that calls itself an Ethernet card is an adapter, and no other device is", async () => {
  const types = ["VirtualFutureEthernetCard", "VirtualSriovEthernetCard", "VirtualE1000e", "VirtualPCNet32"];
  const others = ["VirtualVideoCard", "VirtualEthernetBridge", "VirtualPCIController"];
  const session = {
    content: { propertyCollector: machine },
    call: () =>
      Promise.resolve({
        objects: [
          {
            propSet: [
              {
                name: "config.hardware.device",
                val: {
                  VirtualDevice: [...types, ...others].map((type, index) => ({
                    attributes: { "xsi:type": type },
                    key: String(index),
                  })),
                },
              },
            ],
          },
        ],
      }),
  } as unknown as VimSession;
  assert.equal(described(await orderWithFirst(session, machine, "pxe", [])), "pxe0 pxe1 pxe2 pxe3");
});

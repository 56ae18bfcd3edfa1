import assert from "node:assert/strict";
import type { NetworkInterfaceInfo } from "node:os";
import { test } from "node:test";

import { lanFactsOf } from "../../../src/process/child/hostLanFacts.js";

function ipv4(address: string, netmask: string, internal = false): NetworkInterfaceInfo {
  return { address, netmask, internal, family: "IPv4", mac: "00:00:00:00:00:00", cidr: null };
}

const interfaces = {
  lo: [ipv4("127.0.0.1", "255.0.0.0", true)],
  eth0: [ipv4("192.0.2.7", "255.255.255.0")],
  eth1: [ipv4("198.51.100.9", "255.255.255.128")],
};

const files: Readonly<Record<string, string>> = {
  "/proc/net/route": `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
`,
  "/proc/net/arp": `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.9        0x1         0x0         00:00:00:00:00:00     *        eth0
192.0.2.1        0x1         0x2         02:fc:00:00:00:05     *        eth0
`,
  "/proc/sys/net/ipv4/ip_default_ttl": "65\n",
};

const factsOf = (address: string, proc: Readonly<Record<string, string>> = files): ReturnType<typeof lanFactsOf> =>
  lanFactsOf(address, 623, (file) => proc[file], interfaces);

test("a BMC with an address of its own has a static one, with the gateway of its interface", () => {
  assert.deepEqual(factsOf("192.0.2.7"), {
    port: 623,
    families: "ipv4",
    isStatic: true,
    timeToLive: 65,
    ipv4: { address: "192.0.2.7", netmask: "255.255.255.0" },
    gateway: { address: "192.0.2.1", mac: "02:fc:00:00:00:05" },
  });
});

test("an address of the loopback subnet is the BMC's own, though the host does not list it", () => {
  const { ipv4: own, gateway } = factsOf("127.0.0.9");
  assert.deepEqual([own, gateway], [{ address: "127.0.0.9", netmask: "255.0.0.0" }, undefined]);
});

test("a BMC on an IPv6 address has no IPv4 one, and one on :: is reached by both", () => {
  assert.equal(factsOf("::1").ipv4, undefined);
  assert.deepEqual(
    ["::1", "::", "0.0.0.0"].map((address) => factsOf(address).families),
    ["ipv6", "both", "ipv4"],
  );
});

test("an interface without a default route has no gateway", () => {
  assert.deepEqual(factsOf("198.51.100.9"), {
    port: 623,
    families: "ipv4",
    isStatic: true,
    timeToLive: 65,
    ipv4: { address: "198.51.100.9", netmask: "255.255.255.128" },
  });
});

for (const wildcard of ["::", "0.0.0.0"]) {
  test(`a BMC on ${wildcard} has the host's first address that is not loopback, and not by its own doing`, () => {
    const facts = factsOf(wildcard);
    assert.equal(facts.isStatic, false);
    assert.equal(facts.ipv4?.address, "192.0.2.7");
  });
}

test("a gateway that the host has not spoken to has no MAC address yet", () => {
  const incomplete = "IP address\n192.0.2.1        0x1         0x0         00:00:00:00:00:00     *        eth0\n";
  assert.deepEqual(factsOf("192.0.2.7", { ...files, "/proc/net/arp": incomplete }).gateway, { address: "192.0.2.1" });
});

test("a host without /proc tells what it can", () => {
  assert.deepEqual(factsOf("192.0.2.7", {}), {
    port: 623,
    families: "ipv4",
    isStatic: true,
    timeToLive: 64,
    ipv4: { address: "192.0.2.7", netmask: "255.255.255.0" },
  });
});

/** A network namespace in which nothing ever answers what is sent to 127.0.0.1: no refusal, no reset, nothing. */
import { spawnSync } from "node:child_process";
import { after } from "node:test";

/** Locally administered: the other end of the pair drops what is not sent to its own address. */
const nobodysMac = "02:00:00:00:00:01";

/**
 * The words to put before a command that is to run there; undefined where this machine does not allow that. `lo` stays
 * down, so that the loopback address is an address like any other.
 */
export function swallowingNetwork(): readonly string[] | undefined {
  const name = `vbmc-test-${process.pid}`;
  const inside = ["ip", "netns", "exec", name];
  const steps = [
    ["ip", "netns", "add", name],
    [...inside, "ip", "link", "add", "near", "type", "veth", "peer", "name", "far"],
    [...inside, "ip", "link", "set", "near", "up"],
    [...inside, "ip", "link", "set", "far", "up"],
    [...inside, "ip", "address", "add", "192.0.2.1/24", "dev", "near"],
    [...inside, "ip", "route", "add", "127.0.0.1/32", "dev", "near", "src", "192.0.2.1"],
    [...inside, "ip", "neighbour", "add", "127.0.0.1", "lladdr", nobodysMac, "dev", "near", "nud", "permanent"],
  ];
  after(() => void spawnSync("ip", ["netns", "delete", name]));
  const isMade = steps.every(([program = "", ...args]) => spawnSync(program, args).status === 0);
  return isMade ? inside : undefined;
}

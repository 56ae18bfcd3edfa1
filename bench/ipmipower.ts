/** FreeIPMI's ipmipower, which asks many BMCs at once. */
import { run } from "../test/support/programs.js";

/** The power status that each of the ports on loopback tells: `on`, `off`, or why there is none. */
export async function ipmipower(ports: readonly number[]): Promise<string[]> {
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(",");
  const account = ["-D", "LAN_2_0", "-u", "admin", "-p", "password"];
  const { stdout } = await run("ipmipower", ["-h", hosts, ...account, "--stat"]);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.replace(/^.*: /, ""));
}

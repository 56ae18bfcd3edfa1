/** Real clients, and the cipher suites and authentication types that each of them speaks. */
import { spawn } from "node:child_process";

import { kg } from "./recordedBmc.js";

export interface ClientRun {
  /** Also the name of its recording. */
  readonly name: string;
  readonly debianPackage: string;
  readonly program: string;
  readonly args: (host: string, port: string) => readonly string[];
  /** What its output has when it got through. */
  readonly expected: RegExp;
  /** For a client that reads commands: the first; it is asked to exit once its output is as expected. */
  readonly input?: (host: string, port: string) => string;
  /** It knows no other port than 623, which only root may bind. */
  readonly onlyPort623: boolean;
  readonly cipherSuites: readonly number[];
  readonly withKg: boolean;
}

const everySuite = [0, 1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17];
const [user, password] = ["admin", "password"];
const ipmiVersion = /IPMI Version +: 2\.0/;

function run(
  name: string,
  debianPackage: string,
  program: string,
  args: ClientRun["args"],
  more: Partial<ClientRun> = {},
): ClientRun {
  return { name, debianPackage, program, args, expected: ipmiVersion, cipherSuites: everySuite, withKg: false, onlyPort623: false, ...more };
}

const ipmitool = (name: string, ...options: string[]): ClientRun =>
  run(`ipmitool-${name}`, "ipmitool", "ipmitool", (host, port) => [
    ...["-H", host, "-p", port, "-U", user, "-P", password, ...options, "mc", "info"],
  ]);

const bmcInfo = (name: string, ...options: string[]): ClientRun =>
  run(
    `freeipmi-${name}`,
    "freeipmi-tools",
    "bmc-info",
    (host, port) => ["-h", `${host}:${port}`, "-u", user, "-p", password, ...options, "--get-device-id"],
    { expected: ipmiVersion },
  );

/** Algorithms of RAKP, integrity and confidentiality as OpenIPMI calls them. */
const openipmi = (name: string, ...options: string[]): ClientRun =>
  run(`openipmi-${name}`, "openipmi", "openipmish", () => [], {
    input: (host, port) =>
      `domain open bmc -noall lan -p ${port} -U ${user} -P ${password} ${options.join(" ")} ${host}\n`,
    // Told to exit before it knows the BMC, openipmish hangs.
    expected: /Name: bmc\(0\.20\)/,
  });

const ipmiutil = (name: string, ...options: string[]): ClientRun =>
  run(
    `ipmiutil-${name}`,
    "ipmiutil",
    "ipmiutil",
    (host) => ["health", "-N", host, "-U", user, "-P", password, ...options],
    { expected: /IPMI v2\.0$/m, onlyPort623: true },
  );

const pyghmi = (name: string, more: Partial<ClientRun>): ClientRun =>
  run(
    `pyghmi-${name}`,
    "python3-pyghmi",
    "/usr/bin/python3",
    (host, port) => [
      "-W",
      "ignore",
      "-c",
      "import sys; from pyghmi.ipmi.command import Command; " +
        "c = Command(bmc=sys.argv[1], userid=sys.argv[3], password=sys.argv[4], port=int(sys.argv[2])" +
        `${more.withKg ? ", kg=sys.argv[5]" : ""}); print(c.get_power()['powerstate']); c.logout()`,
      ...[host, port, user, password, kg.toString()],
    ],
    { expected: /^(on|off)$/m, ...more },
  );

export const clientRuns: readonly ClientRun[] = [
  ...[0, 1, 2, 3, 6, 7, 8, 15, 16, 17].map((suite) => ipmitool(`suite-${suite}`, "-I", "lanplus", "-C", `${suite}`)),
  ...["MD5", "PASSWORD", "NONE"].map((type) => ipmitool(`lan-${type.toLowerCase()}`, "-I", "lan", "-A", type)),
  { ...ipmitool("kg", "-I", "lanplus", "-C", "3", "-k", kg.toString()), withKg: true },
  { ...ipmitool("kg-hex", "-I", "lanplus", "-C", "17", "-y", kg.toString("hex")), withKg: true },
  ipmitool("user", "-I", "lanplus", "-C", "3", "-L", "USER"),
  ...everySuite.map((suite) => bmcInfo(`suite-${suite}`, "-D", "LAN_2_0", "-I", `${suite}`)),
  ...["none", "straight_password_key", "md5"].map((type) => bmcInfo(`lan-${type}`, "-D", "LAN", "-a", type)),
  { ...bmcInfo("kg", "-D", "LAN_2_0", "-I", "3", "-k", kg.toString()), withKg: true },
  pyghmi("suite-17", {}),
  pyghmi("suite-3", { cipherSuites: [3] }),
  pyghmi("kg", { withKg: true }),
  openipmi("suite-3", "-A rmcp+"),
  openipmi("suite-1", "-A rmcp+ -Ra rakp_hmac_sha1 -Ri none -Rc none"),
  openipmi("suite-2", "-A rmcp+ -Ra rakp_hmac_sha1 -Ri hmac_sha1 -Rc none"),
  openipmi("lan-md5", "-A md5"),
  ...[0, 1, 2, 3].map((suite) => ipmiutil(`suite-${suite}`, "-F", "lan2", "-J", `${suite}`)),
  ipmiutil("lan-md5", "-F", "lan"),
];

export interface ClientOutcome {
  readonly isThrough: boolean;
  readonly output: string;
}

/** After this a client that hangs is ended, ms. */
const timeoutMs = 60_000;

/** Runs a client to its end. */
export function runClient(client: ClientRun, host: string, port: string): Promise<ClientOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(client.program, client.args(host, port));
    let output = "";
    const take = (text: string): void => {
      output += text;
      if (client.input && client.expected.test(output)) {
        child.stdin.end("exit\n");
      }
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    child.stdin.on("error", () => undefined);
    if (client.input) {
      child.stdin.write(client.input(host, port));
    } else {
      child.stdin.end();
    }
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    child.once("error", reject);
    child.once("close", () => {
      clearTimeout(timer);
      resolve({ isThrough: client.expected.test(output), output });
    });
  });
}

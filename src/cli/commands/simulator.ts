/** `vbmc simulator`: runs a simulated vCenter for trying things out. */
import { once } from "node:events";
import path from "node:path";

import { type Command, InvalidArgumentError, Option } from "commander";

import { defined } from "../../base/defined.js";
import { reasonOf } from "../../base/errors.js";
import { homeFolder } from "../../settings/config/home.js";
import type { Simulator, VmDevice } from "../../simulator/index.js";
import type { CliContext } from "../context.js";

interface SimulatorOptions {
  readonly address: string;
  readonly port: number;
  readonly vms: number;
  readonly username: string;
  readonly password: string;
  readonly efi?: readonly string[];
  readonly withoutTools?: readonly string[];
  readonly http?: boolean;
  readonly maxConnections?: number;
  readonly loginDelay?: number;
  readonly lockAfter?: number;
  readonly lockTime: number;
  readonly question?: readonly string[];
  readonly bootOrderWhenOff?: boolean;
  readonly datastoreUrl: boolean;
  readonly datastore?: readonly string[];
  readonly fileTickets?: boolean;
  readonly guestsHoldCd?: boolean;
  readonly roleOn?: readonly string[];
  readonly lockdown?: boolean;
  readonly freeLicence?: boolean;
  readonly connectionState?: readonly string[];
  readonly expiredCertificate?: boolean;
  readonly template?: readonly string[];
  readonly hardwareVersion?: string;
  readonly serialPort?: readonly string[];
  readonly serialRetry: boolean;
  readonly serialLicence: boolean;
  readonly closedFirewall?: boolean;
  readonly vmotion?: boolean;
  readonly restore?: "shuffled" | "new";
  readonly stateDir: string;
}

/** In the user's home. */
const stateFolder = path.join(".cache", "vbmc-simulator");

export function registerSimulator(program: Command, { out }: CliContext): void {
  program
    .command("simulator")
    .description("Run a simulated vCenter with some virtual machines, for trying things out")
    .option("--address <address>", "the address to listen on", "127.0.0.1")
    .option("--port <port>", "the TCP port to listen on", toCount(65_535), 8443)
    .option("--vms <count>", "how many virtual machines: vm-01, vm-02 …", toCount(100_000), 10)
    .option("--efi <vm...>", "virtual machines with EFI firmware instead of a BIOS")
    .option("--without-tools <vm...>", "virtual machines whose guests have no VMware Tools")
    .option("--username <username>", "the account that may log in", "administrator@vsphere.local")
    .option("--password <password>", "its password", "password")
    .option("--http", "plain HTTP instead of HTTPS")
    .option("--max-connections <count>", "close connections beyond this many, as ESXi does beyond 128", toCount(65_535))
    .option("--login-delay <seconds>", "delay the answer to each login by this many seconds", toCount(3_600))
    .option("--lock-after <count>", "lock the account after this many failed logins in a row", toCount(1_000))
    .option("--lock-time <seconds>", "how long a locked account stays locked", toCount(86_400), 900)
    .option("--question <vm...>", "virtual machines that ask at their next power-on whether they were moved or copied")
    .option("--boot-order-when-off", "accept a new boot order of a virtual machine only while it is off")
    .option("--no-datastore-url", "do not report the URLs of datastores")
    .option("--datastore <name=GiB...>", "datastores and their sizes (default: datastore1=100)")
    .option("--file-tickets", "reject the session cookie for datastore files: each transfer needs its own ticket")
    .option("--guests-hold-cd", "guests that boot from a CD lock its drive, so that an eject asks a question")
    .option("--role-on <path...>", "inventory paths of VMs or folders, such as DC0/vm/Lab: the account sees only these")
    .option("--lockdown", "refuse logins, as an ESXi host in lockdown mode")
    .option("--free-licence", "refuse every change, as an ESXi host with a free licence")
    .option("--connection-state <vm=state...>", "VMs that are disconnected, inaccessible, orphaned or invalid")
    .option("--expired-certificate", "present an expired certificate")
    .option("--template <vm...>", "VMs that are templates")
    .option("--hardware-version <version>", "hardware version of all VMs, such as vmx-11")
    .option("--serial-port <vm=uri...>", "VMs with a network serial port, such as vm-01=tcp://:5001")
    .option("--no-serial-retry", "do not connect serial ports again that have lost their concentrator")
    .option("--no-serial-licence", "a licence without network serial ports")
    .option("--closed-firewall", "hosts whose firewall has the rule sets vSPC and remoteSerialPort disabled")
    .option("--vmotion", "on SIGUSR2, move every VM that is on to the next host")
    .addOption(
      new Option(
        "--restore <references>",
        "on SIGHUP, end all sessions and swap the references of the VMs, or give them new ones",
      ).choices(["shuffled", "new"]),
    )
    .addOption(
      new Option("--state-dir <directory>", "where its certificate is stored").default(
        path.join(homeFolder() ?? "/", stateFolder),
        path.join("~", stateFolder),
      ),
    )
    .action((options: SimulatorOptions) => run(options, out));
}

async function run(options: SimulatorOptions, out: CliContext["out"]): Promise<void> {
  const { startSimulator, networkSerialPort } = await import("../../simulator/index.js");
  const { question: asking, datastore: datastores } = options;
  const simulator = await startSimulator({
    ...options,
    ...defined({ asking, datastores: datastores?.map(toDatastore) }),
    tls: options.http !== true,
    stateDirectory: options.stateDir,
    behaviour: {
      refusesBootOrderWhileOn: options.bootOrderWhenOff === true,
      tellsDatastoreUrl: options.datastoreUrl,
      folderTakesCookie: options.fileTickets !== true,
      guestsHoldCdrom: options.guestsHoldCd === true,
      serialLicence: options.serialLicence,
      ...(!options.serialRetry && { serialRetryMs: Infinity }),
      ...(options.closedFirewall === true && { firewallRuleSets: new Set<string>() }),
    },
  });
  try {
    misbehave(simulator, options);
    restrict(simulator, options);
    describe(simulator, options);
    addSerialPorts(simulator, options, networkSerialPort);
    moveOnSignal(simulator, options, out);
    restoreOnHangup(simulator, options);
    const names = [...simulator.inventory.vms.values()].map(({ name }) => name);
    const shown = names.length <= 3 ? names.join(", ") : `${names[0] ?? ""} … ${names.at(-1) ?? ""}`;
    out(`${simulator.url} serves ${names.length} VMs (${shown}) to ${options.username}; Ctrl-C ends it\n`);
    await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  } finally {
    await simulator.close();
  }
}

/** Enables the requested behaviour of real servers. */
function misbehave({ behaviour, rules }: Simulator, options: SimulatorOptions): void {
  behaviour.connectionLimit = options.maxConnections ?? Infinity;
  behaviour.lockAfterFailures = options.lockAfter ?? Infinity;
  behaviour.lockedMs = options.lockTime * 1_000;
  if (options.loginDelay !== undefined) {
    rules.add({ method: "Login", misbehaviour: { kind: "delay", ms: options.loginDelay * 1_000 } });
  }
}

/** The definitions of the VMs. Throws for an unknown VM. */
function describe({ inventory }: Simulator, { template = [], hardwareVersion }: SimulatorOptions): void {
  const vms = [...inventory.vms.values()];
  const unknown = template.find((name) => !vms.some((vm) => vm.name === name));
  if (unknown !== undefined) {
    throw new Error(`there is no VM ${unknown} to be a template`);
  }
  for (const vm of vms) {
    vm.isTemplate = template.includes(vm.name);
    vm.hardwareVersion = hardwareVersion ?? vm.hardwareVersion;
  }
}

/** Throws for an unknown VM, or without an address. */
function addSerialPorts(
  { inventory }: Simulator,
  { serialPort = [] }: SimulatorOptions,
  portFor: (serviceUri: string) => VmDevice,
): void {
  for (const pair of serialPort) {
    const { name, uri } = /^(?<name>[^=]+)=(?<uri>\S+)$/.exec(pair)?.groups ?? {};
    const vm = [...inventory.vms.values()].find((candidate) => candidate.name === name);
    if (!vm || uri === undefined) {
      throw new Error(`--serial-port ${pair}: give a VM and an address, such as vm-01=tcp://:5001`);
    }
    vm.devices = [...vm.devices, portFor(uri)];
  }
}

function moveOnSignal(simulator: Simulator, { vmotion }: SimulatorOptions, out: CliContext["out"]): void {
  if (vmotion !== true) {
    return;
  }
  process.on("SIGUSR2", () => {
    const running = [...simulator.inventory.vms.values()].filter(({ powerState }) => powerState === "poweredOn");
    for (const vm of running) {
      simulator.move(vm).then(
        () => out(`${vm.name} has moved to host ${vm.host + 1}\n`),
        (error: unknown) => out(`${vm.name} could not be moved: ${reasonOf(error)}\n`),
      );
    }
  });
}

function restoreOnHangup(simulator: Simulator, { restore }: SimulatorOptions): void {
  if (restore !== undefined) {
    process.on("SIGHUP", () => simulator.restore({ references: restore }));
  }
}

/** Sets the account's privileges and the VMs' connection states. Throws for an unknown VM or state. */
function restrict({ behaviour, inventory }: Simulator, options: SimulatorOptions): void {
  behaviour.lockdown = options.lockdown === true;
  behaviour.freeLicence = options.freeLicence === true;
  behaviour.permissions = options.roleOn?.map((path) => ({ path, propagate: true }));
  for (const pair of options.connectionState ?? []) {
    const [, name, state] = /^(.*)=(disconnected|inaccessible|orphaned|invalid)$/.exec(pair) ?? [];
    const vm = [...inventory.vms.values()].find((candidate) => candidate.name === name);
    if (!vm || state === undefined) {
      throw new Error(
        `--connection-state ${pair}: give a VM and one of disconnected, inaccessible, orphaned, invalid, such as vm-01=orphaned`,
      );
    }
    vm.connectionState = state;
  }
}

function toDatastore(pair: string): { readonly name: string; readonly capacityBytes: number } {
  const { name, size } = /^(?<name>[^=]+)=(?<size>\d{1,6}(\.\d+)?)$/.exec(pair)?.groups ?? {};
  if (name === undefined || size === undefined) {
    throw new Error(`--datastore ${pair}: give a name and a size in GiB, such as datastore1=100`);
  }
  return { name, capacityBytes: Math.round(Number(size) * 1024 ** 3) };
}

function toCount(highest: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (!Number.isInteger(count) || count < 0 || count > highest) {
      throw new InvalidArgumentError(`expected a whole number from 0 to ${highest}, not '${text}'`);
    }
    return count;
  };
}

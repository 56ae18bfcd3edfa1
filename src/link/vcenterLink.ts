/**
 * The link to one vCenter account: one session, one watch over all VMs served; it connects, serves, and after any failure
 * tells that nothing is known, waits and connects again.
 */
import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import { MachineError } from "../machine/errors.js";
import type { MachineOperation, MachineOperationResult } from "../machine/operation.js";
import type { AccountAnswer, AccountQuestion } from "../machine/question.js";
import type { FromLink, LinkConfiguration, LogLevel, ServedMachine } from "../child/messages.js";
import { isFault, toMachineError } from "../vsphere/faults.js";
import { createHttpClient } from "../vsphere/httpClient.js";
import { findMachines } from "../vsphere/inventory.js";
import { toSnapshot } from "../vsphere/machineSnapshot.js";
import type { MoRef } from "../vsphere/moRef.js";
import { openSession, type VimSession } from "../vsphere/session.js";
import { textOf } from "../vsphere/soapValue.js";
import { createStatisticsReader, type StatisticsReader } from "../vsphere/statistics.js";
import { createVimClient } from "../vsphere/vimClient.js";
import { createVirtualMachine } from "../vsphere/virtualMachine.js";
import { parseViserver } from "../vsphere/viserver.js";
import { createWatch, type Watch } from "../vsphere/watch.js";
import { answerQuestion } from "./accountQuestions.js";
import { createAttempts } from "./attempts.js";
import { createBackoff } from "./backoff.js";
import { openBootOrderStore, type BootOrderStore } from "./bootOrderStore.js";
import { createBootRestorer } from "./bootRestorer.js";
import { rememberCertificate, rememberedCertificate } from "./certificateMemory.js";
import { createServedVm, type ServedVm } from "./servedMachine.js";

export interface VcenterLink {
  readonly serve: (machines: readonly ServedMachine[]) => void;
  readonly withdraw: (vmNames: readonly string[]) => void;
  readonly operate: (vmName: string, operation: MachineOperation, timeoutMs: number) => Promise<MachineOperationResult>;
  /** Never rejects. */
  readonly ask: (question: AccountQuestion, timeoutMs: number) => Promise<AccountAnswer>;
  /** Logs out; resolves within about two seconds whatever vCenter does. */
  readonly stop: () => Promise<void>;
}

/** What is needed while connected. */
interface Connection {
  readonly session: VimSession;
  readonly readStatistics: StatisticsReader;
  readonly watch: Watch;
  readonly bootOrders: BootOrderStore;
}

/** VMs that are added one by one are looked up together, ms. */
const gatherMs = 50;
/** A VM that was not found may be created or shown to the account later, ms. */
const searchAgainMs = 60_000;

export function createVcenterLink(configuration: LinkConfiguration, send: (message: FromLink) => void): VcenterLink {
  const { viserver, username } = configuration;
  const served = new Map<string, ServedVm>();
  const backoff = createBackoff(Math.random);
  let connection: Connection | undefined;
  let isStopped = false;
  let wake: (() => void) | undefined;
  const attempts = createAttempts(() => wake?.());
  let refreshTimer: NodeJS.Timeout | undefined;
  let searchTimer: NodeJS.Timeout | undefined;

  const log = (level: LogLevel, message: string, fields: Record<string, unknown> = {}): void =>
    send({ type: "log", level, message, fields: { viserver, ...fields } });

  async function run(): Promise<void> {
    while (!isStopped) {
      try {
        await connectAndServe();
      } catch (error) {
        connection = undefined;
        attempts.failed(error);
        await disconnected(error);
      }
    }
  }

  async function connectAndServe(): Promise<void> {
    const session = await login();
    try {
      const watch = await createWatch(session, { onUpdate });
      const bootOrders = await openBootOrderStore(configuration.stateDirectory, (file) =>
        log("warn", "boot orders to give back are lost: the file is damaged", { file }),
      );
      const readStatistics = createStatisticsReader(session, (reason) =>
        log("warn", "vSphere gives no performance counters", { reason }),
      );
      connection = { session, readStatistics, watch, bootOrders };
      attempts.succeeded(session);
      backoff.reset();
      send({ type: "linkState", linkState: { state: "connected" } });
      log("info", "connected to vCenter", { server: session.content.fullName ?? "unknown" });
      const watching = watch.run();
      watching.catch(() => undefined);
      await Promise.race([watching, refresh()]);
      await watching;
    } finally {
      await session.logout();
    }
  }

  async function login(): Promise<VimSession> {
    const { tls } = configuration;
    const remembered = await rememberedCertificate(tls.trustFile);
    const http = createHttpClient({
      viserver: parseViserver(viserver),
      trust: { ...tls, remembered: () => remembered },
      ...(tls.caFile !== undefined && { authorities: [...rootCertificates, await readFile(tls.caFile, "utf8")] }),
    });
    try {
      const session = await openSession(await createVimClient(http), configuration);
      const fingerprint = http.fingerprint();
      if (tls.trustFile !== undefined && fingerprint !== undefined && fingerprint !== remembered) {
        await rememberCertificate(tls.trustFile, fingerprint);
      }
      return session;
    } catch (error) {
      http.close();
      throw error;
    }
  }

  /** Tells everybody that nothing is known, and waits for the time of the next try. */
  async function disconnected(failure: unknown): Promise<void> {
    if (isStopped) {
      return;
    }
    const loginRefused = isFault(failure, "InvalidLogin");
    const reason = loginRefused
      ? `${viserver} refuses the login of ${username}: check user name and password of the viserver account`
      : toMachineError(failure).message;
    send({
      type: "linkState",
      linkState: loginRefused
        ? { state: "loginFailed", reason }
        : { state: "reconnecting", since: new Date().toISOString(), reason },
    });
    for (const machine of served.values()) {
      detach(machine);
      machine.tell(new MachineError("unavailable", reason));
    }
    const delayMs = backoff.next(loginRefused);
    log("warn", `no connection to vCenter: ${reason}`, { nextTrySeconds: Math.round(delayMs / 1_000) });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Finds what has not been found, and watches all that is served. */
  async function refresh(): Promise<void> {
    if (!connection) {
      return;
    }
    const { session, watch } = connection;
    clearTimeout(refreshTimer);
    const missing = [...served.values()].filter(({ reference }) => !reference);
    const found = await findMachines(
      session,
      missing.map(({ machine }) => machine),
      configuration,
    );
    for (const machine of missing) {
      const result = found.get(machine.vmName);
      if (result instanceof Error) {
        if (machine.problem?.message !== result.message) {
          log("warn", result.message, { vm: machine.vmName });
        }
        machine.tell(result);
      } else if (result) {
        attach(machine, result, connection);
      }
    }
    const references = [...served.values()].flatMap(({ reference }) => reference ?? []);
    await watch.watch(references);
    clearTimeout(searchTimer);
    if (references.length < served.size) {
      searchTimer = setTimeout(scheduleRefresh, searchAgainMs);
    }
  }

  function attach(machine: ServedVm, reference: MoRef, { session, readStatistics, bootOrders }: Connection): void {
    const { vmName } = machine;
    const bootMemory = bootOrders.of(vmName);
    const virtualMachine = createVirtualMachine({
      session,
      reference,
      pushed: machine.snapshot,
      awaitPush: machine.awaitPowerState,
      onRead: machine.tell,
      bootMemory,
      nextBoot: configuration.nextBoot,
      onReset: () => machine.bootRestorer?.onReset(),
      readStatistics,
      onLateFailure: (operation, reason) => {
        log("warn", "a command failed after its client was answered", { vm: vmName, operation, reason });
        send({ type: "machineEvent", vmName, event: { kind: "operationFailed", operation, reason } });
      },
    });
    machine.reference = reference;
    machine.virtualMachine = virtualMachine;
    machine.bootRestorer = createBootRestorer(bootMemory, Date.now, () => {
      virtualMachine.restoreBootOrder().then(
        () => log("info", "the boot order from before the last start is back", { vm: vmName }),
        (error: unknown) =>
          log("warn", "the boot order could not be given back", { vm: vmName, reason: String(error) }),
      );
    });
  }

  function detach(machine: ServedVm): void {
    machine.bootRestorer?.stop();
    machine.reference = undefined;
    machine.virtualMachine = undefined;
    machine.bootRestorer = undefined;
  }

  function onUpdate(
    reference: { readonly value: string },
    properties: Parameters<typeof toSnapshot>[0] | "gone",
  ): void {
    for (const machine of served.values()) {
      if (machine.reference?.value !== reference.value) {
        continue;
      }
      if (properties === "gone") {
        detach(machine);
        machine.tell(new MachineError("notFound", `the VM of ${machine.vmName} has been removed from ${viserver}`));
        scheduleRefresh();
        continue;
      }
      const snapshot = toSnapshot(properties);
      if (snapshot) {
        machine.tell(snapshot);
        machine.bootRestorer?.observe({
          isOn: snapshot.powerState === "poweredOn",
          toolsRunning: snapshot.toolsRunning ?? false,
          bootTime: textOf(properties.get("runtime.bootTime")),
        });
      }
    }
  }

  function scheduleRefresh(): void {
    clearTimeout(refreshTimer);
    refreshTimer = setTimeout(() => {
      refresh().catch((error: unknown) =>
        log("warn", "VMs could not be looked up", { reason: toMachineError(error).message }),
      );
    }, gatherMs);
  }

  const running = run();
  return {
    serve: (machines) => {
      for (const machine of machines) {
        const { vmName } = machine;
        const report = (message: Extract<FromLink, { type: "machineReport" }>["report"]): void =>
          send({ type: "machineReport", vmName, report: message });
        served.set(vmName, createServedVm(machine, report));
      }
      scheduleRefresh();
    },
    withdraw: (vmNames) => {
      for (const vmName of vmNames) {
        served.get(vmName)?.bootRestorer?.stop();
        served.delete(vmName);
      }
      scheduleRefresh();
    },
    operate: async (vmName, operation, timeoutMs) => {
      const machine = served.get(vmName);
      if (machine?.virtualMachine) {
        return machine.virtualMachine.run(operation, timeoutMs);
      }
      const { kind, message } =
        machine?.problem ?? new MachineError("busy", `the VM of ${vmName} is still being looked for in ${viserver}`);
      return { ok: false, kind, message };
    },
    ask: (question, timeoutMs) => answerQuestion(question, configuration, () => attempts.session(timeoutMs)),
    stop: async () => {
      isStopped = true;
      clearTimeout(refreshTimer);
      clearTimeout(searchTimer);
      wake?.();
      await connection?.watch.stop();
      await running;
    },
  };
}

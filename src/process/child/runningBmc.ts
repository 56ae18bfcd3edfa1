/** A running BMC: its state, its machine, its responder and UDP port, and its Redfish service if it has one. */
import path from "node:path";

import { defined } from "../../base/defined.js";
import { traceOf } from "../../base/errors.js";
import { lazily } from "../../base/lazily.js";
import { resolveAddress } from "../../io/address/resolve.js";
import { openUdpServer, type Receive } from "../../io/lan/udpServer.js";
import { type BmcOptions, createBmc } from "../../model/bmc/bmc.js";
import type { LoginFailure } from "../../model/bmc/users/loginFailures.js";
import type { ConsoleUser } from "../../model/machine/console.js";
import type { Machine } from "../../model/machine/machine.js";
import type { MachineSnapshot } from "../../model/machine/snapshot.js";
import { selJournalFile } from "../../model/sel/selLine.js";
import { commands } from "../../protocol/ipmi/commands/index.js";
import { createResponder, type Responder } from "../../protocol/ipmi/responder.js";
import { createCallers } from "../../protocol/redfish/fleet/callers.js";
import { createTimers } from "../common/nodeTimers.js";
import type { BmcConfiguration } from "../ipc/configuration.js";
import type { MachineEvent } from "../ipc/reports.js";
import { createFleetRequests, type FleetRequests } from "./fleetRequests.js";
import { lanFactsOf } from "./hostLanFacts.js";
import { openJournalFile } from "./journalFile.js";
import { createObservation } from "./observation.js";
import type { RedfishLoader } from "./redfishLoader.js";
import { createRemoteConsole } from "./remoteConsole.js";
import { openStorage } from "./storageFolder.js";
import { createStorageLog } from "./storageLog.js";
import type { SupervisorChannel } from "./supervisorChannel.js";

export interface RunningBmc {
  /** Takes every fresh report of the VM's state. */
  readonly observe: (snapshot: MachineSnapshot) => void;
  /** An event of the VM behind the BMC. */
  readonly onEvent: (event: MachineEvent) => void;
  /** Made when first asked for. */
  readonly fleetRequests: () => FleetRequests;
  readonly close: () => Promise<void>;
}

/** What all BMCs of a process share. */
export interface SharedByBmcs {
  readonly channel: SupervisorChannel;
  readonly redfishLoader: RedfishLoader;
  /** As node:crypto's. */
  readonly randomBytes: (size: number) => Buffer;
}

/** Timeout for the name server, ms; shorter than the time in which the supervisor expects the BMC to listen. */
const resolveTimeoutMs = 8_000;

/** Resolves once the port is bound; rejects with one line that names address, port and reason. */
export async function createRunningBmc(
  configuration: BmcConfiguration,
  machine: Machine,
  { channel, redfishLoader, randomBytes }: SharedByBmcs,
): Promise<RunningBmc> {
  const { console: consoleConfiguration, vmName, ipmi } = configuration;
  const address = await resolveAddress(configuration.address, resolveTimeoutMs);
  const log: SupervisorChannel["log"] = (level, message, fields) =>
    channel.log(level, message, { vm: vmName, ...fields });
  const onFault = (error: unknown): void =>
    log("error", "unexpected error in a BMC", {
      reason: traceOf(error),
    });
  const timers = createTimers(onFault);
  const storageLog = createStorageLog(configuration.directory, log);
  const selJournal = openJournalFile(path.join(configuration.directory, selJournalFile), storageLog, (lines) =>
    log("warn", "damaged lines of the SEL are lost", { lines }),
  );
  const storage = openStorage(configuration.directory, storageLog);
  const console =
    consoleConfiguration &&
    createRemoteConsole({ place: (user: ConsoleUser) => channel.openConsole(vmName, user), log });
  const bmc = createBmc({
    machine,
    timers,
    log,
    selJournal,
    onSelRecord: (record, at) => observation.onSelRecord(record, at),
    lan: () => lanFactsOf(address, configuration.port),
    storage,
    ...configuredOf(configuration),
    ...defined({ console }),
  });
  const sessionTimeoutMs = ipmi.sessionTimeoutSeconds * 1_000;
  const { observation, stop: stopObservation } = createObservation(vmName, channel, {
    openSessions: () => responder.openSessions(),
    openRedfishSessions: () => redfish?.openSessions() ?? 0,
    sessionTimeoutMs,
  });
  const onLoginFailed = (failure: LoginFailure): void => {
    const { user, source, disablesUser } = failure;
    bmc.events.record({ type: "loginFailed", userId: user?.id ?? 0, address: source, disablesUser });
    observation.onLoginFailed(failure);
  };
  const responder: Responder = createResponder({
    bmc,
    machine,
    commands,
    sessionTimeoutMs,
    maxSessions: ipmi.maxSessions,
    now: Date.now,
    randomBytes,
    log,
    after: timers.after,
    ...observation,
    onLoginFailed,
  });
  const { lanStatistics } = bmc;
  const receive: Receive = (datagram, remote, reply) => {
    lanStatistics.udpReceived++;
    responder.receive(datagram, remote, (response) => {
      lanStatistics.sent++;
      reply(response);
    });
  };
  const { redfish: redfishConfiguration, port } = configuration;
  const endings: (() => void | Promise<void>)[] = [timers.close, stopObservation];
  const close = async (): Promise<void> => {
    responder.close();
    // Remaining messages are sent at the end of this event loop turn.
    await new Promise(setImmediate);
    await Promise.all(endings.map(async (end) => end()));
    await selJournal.settled();
  };
  const { onRequest } = observation;
  const redfish =
    redfishConfiguration &&
    redfishLoader.serve(
      { bmc, machine, storage, timers, log, onFault, onRequest, onLoginFailed },
      redfishConfiguration,
    );
  const openAll = async (): Promise<void> => {
    const server = await openUdpServer({ address, port, receive, log });
    endings.push(server.close);
    if (redfish) {
      endings.push(redfish.close);
      await (redfishConfiguration.port !== undefined && redfish.listen(address, redfishConfiguration.port));
    }
  };
  await openAll().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  bmc.events.record({ type: "bmcStarted" });
  log("info", "BMC listens", defined({ address, port, redfishPort: redfishConfiguration?.port }));
  return {
    observe: (snapshot) => guarded(onFault, () => bmc.observe(snapshot)),
    onEvent: ({ operation, reason }) =>
      guarded(onFault, () => {
        log("debug", "an operation failed after its client was answered", { operation, reason });
        bmc.operationFailed(operation);
      }),
    fleetRequests: lazily(() => createFleetRequests(createCallers(bmc, timers.now), redfish)),
    close,
  };
}

/** The options of a BMC that its configuration alone decides. */
type ConfiguredOption =
  | ("vmName" | "firmwareVersion" | "username" | "password" | "fakemac" | "vmUuid")
  | ("cipherSuites" | "ipmi15Auth" | "kg" | "badPasswordPolicy" | "solPort");

function configuredOf(configuration: BmcConfiguration): Pick<BmcOptions, ConfiguredOption> {
  const { vmName, firmwareVersion, username, password, fakemac, vmUuid, ipmi, console } = configuration;
  return {
    vmName,
    firmwareVersion,
    username,
    password,
    fakemac,
    cipherSuites: ipmi.cipherSuites,
    ipmi15Auth: ipmi.ipmi15Auth,
    badPasswordPolicy: {
      threshold: ipmi.badPasswordThreshold,
      countResetSeconds: ipmi.badPasswordResetSeconds,
      lockoutSeconds: ipmi.badPasswordLockoutSeconds,
    },
    ...defined({
      vmUuid,
      kg: ipmi.kgHex === undefined ? undefined : Buffer.from(ipmi.kgHex, "hex"),
      solPort: console?.solPort,
    }),
  };
}

/** An error in one BMC must not end the process, which serves other BMCs too. */
function guarded(onFault: (error: unknown) => void, work: () => void): void {
  try {
    work();
  } catch (error) {
    onFault(error);
  }
}

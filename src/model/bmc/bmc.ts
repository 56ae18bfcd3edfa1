/** The state of a BMC, independent of the protocols. */
import { createListeners } from "../../base/listeners.js";
import type { Log } from "../../base/log.js";
import type { Console } from "../machine/console.js";
import type { Machine } from "../machine/machine.js";
import type { MachineSnapshot } from "../machine/snapshot.js";
import { createInMemoryJournal, type Journal } from "../sel/journal.js";
import { createSel, type Sel } from "../sel/sel.js";
import { forgetAll, forgetSystem } from "./bmcReset.js";
import { type BootFlags, createBootFlags } from "./boot/bootFlags.js";
import { createBootHistory } from "./boot/bootHistory.js";
import { type BootOptions, createBootOptions } from "./boot/bootOptions.js";
import { type Clock, createClock } from "./clock.js";
import { createEventLog } from "./events/eventLog.js";
import type { Events } from "./events/events.js";
import { recordQuestion } from "./events/questionHistory.js";
import type { FruDevice } from "./fru/fruDevice.js";
import { createMachineFru } from "./fru/machineFru.js";
import { type Asset, createAsset } from "./identity/asset.js";
import { createIdentity } from "./identity/identity.js";
import { createSystemInfo, type SystemInfo } from "./identity/systemInfo.js";
import { type Channel, createChannel } from "./lan/channel.js";
import type { LanFacts } from "./lan/lanFacts.js";
import { createLanSettings, type LanSettings } from "./lan/lanSettings.js";
import { createLanStatistics, type LanStatistics } from "./lan/lanStatistics.js";
import { type AcpiState, createAcpiState } from "./power/acpi.js";
import { createPowerAttribution } from "./power/attribution.js";
import { type Chassis, createChassis } from "./power/chassis.js";
import { createPowerHistory } from "./power/powerHistory.js";
import { createPowerMeter, type PowerMeter } from "./power/powerMeter.js";
import { createWatchdog, type Watchdog } from "./power/watchdog.js";
import { createReservation, type Reservation } from "./reservation.js";
import { createSdrRepository, type SdrRepository } from "./sdr/repository.js";
import { powerConsumption } from "./sensors/powerConsumption.js";
import { createReadings, type Readings } from "./sensors/readings.js";
import { createSolSettings, type SolSettings } from "./sol/solSettings.js";
import { isOn, type MachineUpdate } from "./state/machineUpdate.js";
import type { BmcStorage } from "./state/storage.js";
import type { Timers } from "./timers.js";
import { type BadPasswordPolicy, type BadPasswords, createBadPasswords } from "./users/badPasswords.js";
import { createUserTable, type UserTable } from "./users/users.js";

/**
 * Maximum sessions that may hold a reservation of the SDR repository at a time. §33.11.2 means one; but only the
 * machine's sizes change these records, and monitors that read them simultaneously would otherwise make each other
 * start over.
 */
const sdrReaders = 16;

export interface Bmc {
  readonly vmName: string;
  /** Our version, `major.minor.patch`. */
  readonly firmwareVersion: string;
  /** Canonical text: the VM's BIOS UUID once it is known, until then a provisional one. */
  readonly uuid: () => string;
  /** 16 bytes as in RAKP Message 2 and Get System GUID (IPMI 2.0 §20.8: least significant byte first). */
  readonly guid: () => Buffer;
  readonly users: UserTable;
  readonly badPasswords: BadPasswords;
  /** Access settings of LAN channel 1 (§22.22-23). */
  readonly channel: Channel;
  /** Enabled cipher suite IDs, ascending (table 22-20). */
  readonly cipherSuites: readonly number[];
  /** Authentication types offered for IPMI 1.5 sessions. */
  readonly ipmi15Auth: readonly ("md5" | "password" | "none")[];
  /** The BMC key Kg, 20 bytes; undefined: the user's password is used (§13.31). */
  readonly kg: Buffer | undefined;
  /** `02:00:00:xx:yy:zz`: the MAC address that LAN parameter 5 reports and DPM wakes. */
  readonly macAddress: string;
  /** What the host knows about the address that the BMC listens on. */
  readonly lan: () => LanFacts;
  readonly lanSettings: LanSettings;
  readonly lanStatistics: LanStatistics;
  readonly bootOptions: BootOptions;
  readonly bootFlags: BootFlags;
  readonly chassis: Chassis;
  readonly sol: SolSettings;
  /** Undefined: none is configured, and there is no Serial over LAN. */
  readonly console: Console | undefined;
  /** The UDP port for SOL that is reported to clients. */
  readonly solPort: () => number;
  readonly watchdog: Watchdog;
  readonly acpi: AcpiState;
  readonly systemInfo: SystemInfo;
  /** Whether events are written to the event log (§22.1, bit 3). */
  readonly eventLogging: { isEnabled: boolean };
  /** Discards the state that does not outlive a restart; the VM is unaffected (§20.2). */
  readonly coldReset: () => void;
  /** Called after a reset, to end all sessions. */
  readonly onColdReset: (listener: () => void) => void;
  /** Takes every report of the machine's state, including those that the BMC's own commands caused. */
  readonly observe: (snapshot: MachineSnapshot) => void;
  /** Called after each report has been processed; returns the function that unsubscribes. */
  readonly onUpdate: (listener: (update: MachineUpdate) => void) => () => void;
  /** Called with each new record of the SEL; returns the function that unsubscribes. */
  readonly onSelRecord: (listener: (record: Buffer) => void) => () => void;
  /** Takes the name of a machine operation that failed after its client had been answered. */
  readonly operationFailed: (operation: string) => void;
  /** Takes events for the SEL. */
  readonly events: Events;
  readonly sdr: SdrRepository;
  readonly sdrReservation: Reservation;
  /** Current values of the sensors. */
  readonly readings: Readings;
  readonly power: PowerMeter;
  readonly asset: Asset;
  /** FRU device 0. */
  readonly fru: FruDevice;
  readonly sel: Sel;
  readonly selReservation: Reservation;
  readonly clock: Clock;
}

export interface BmcOptions {
  readonly vmName: string;
  readonly firmwareVersion: string;
  readonly username: string;
  readonly password: string;
  readonly fakemac: string;
  /** Canonical text; overrides the UUID that vSphere reports. */
  readonly vmUuid?: string;
  readonly cipherSuites: readonly number[];
  readonly ipmi15Auth: readonly ("md5" | "password" | "none")[];
  readonly kg?: Buffer;
  readonly badPasswordPolicy: BadPasswordPolicy;
  readonly machine: Machine;
  readonly lan: () => LanFacts;
  readonly console?: Console;
  /** Where a port mapping is in front of the BMC; else it is the port that the BMC listens on. */
  readonly solPort?: number;
  /** Storage for what outlives the process. */
  readonly storage: BmcStorage;
  readonly timers: Timers;
  readonly log: Log;
  /** Stores the SEL; absent: it ends with the process. */
  readonly selJournal?: Journal;
  /** Called with each new record of the SEL, and the host's time, ms. */
  readonly onSelRecord?: (record: Buffer, at: number) => void;
}

export function createBmc(options: BmcOptions): Bmc {
  const { vmName, machine, timers, storage, log } = options;
  const identity = createIdentity(machine, vmName, options.vmUuid);
  /** The last report: the BMC acts on the difference to it. */
  let lastReport: MachineSnapshot | undefined;

  const resetListeners: (() => void)[] = [];
  const updateListeners = createListeners<MachineUpdate>();
  const selListeners = createListeners<Buffer>();
  const eventLogging = { isEnabled: true };
  const clock = createClock(storage, timers.now);
  const sel = createSel(
    options.selJournal ?? createInMemoryJournal(),
    (reason) => log("warn", "a part of the SEL has been lost", { reason }),
    {
      hostNow: timers.now,
      onAdded: (record, at) => {
        options.onSelRecord?.(record, at);
        selListeners.notify(record);
      },
    },
  );
  const events = createEventLog({ sel, now: timers.now, selTime: clock.now, isEnabled: () => eventLogging.isEnabled });
  const attribution = createPowerAttribution(timers.now);
  const history = createPowerHistory(events, attribution);
  const bootHistory = createBootHistory(machine, events);
  const lanSettings = createLanSettings(storage);
  const sdr = createSdrRepository(storage, clock.now, (reason) =>
    log("warn", "the scales of the sensors cannot be stored for the next start", { reason }),
  );
  const selReservation = createReservation(sel.version, 1);
  const sdrReservation = createReservation(sdr.version, sdrReaders);
  const bootOptions = createBootOptions();
  const bootFlags = createBootFlags(bootHistory.watched(machine), bootOptions, timers, log);
  const chassis = createChassis({ machine, bootFlags, history, lastReport: () => lastReport, storage, timers, log });

  const watchdog = createWatchdog({ chassis, machine, events, storage, timers, log });
  const readings = createReadings({ machine, repository: sdr, sel, watchdog, now: timers.now });
  const asset = createAsset(storage, options.fakemac);
  const acpi = createAcpiState();
  const channel = createChannel(storage);
  const systemInfo = createSystemInfo(vmName, machine, storage);
  chassis.onSystemReset(() => forgetSystem(bmc));
  chassis.onSystemReset(() => {
    if (isOn(lastReport)) {
      bootHistory.systemReset();
    }
  });

  function observe(snapshot: MachineSnapshot): void {
    const previous = lastReport;
    lastReport = snapshot;
    const hasPowerChanged = previous !== undefined && isOn(previous) !== isOn(snapshot);
    const transition = hasPowerChanged ? attribution.powerChanged(isOn(snapshot)) : undefined;
    const update: MachineUpdate = { snapshot, previous, transition };
    if (transition) {
      history.powerChanged(transition);
    }
    bootHistory.observe(update);
    recordQuestion(events, update);
    sdr.observe(snapshot);
    chassis.observe(update);
    updateListeners.notify(update);
  }

  const bmc: Bmc = {
    vmName,
    firmwareVersion: options.firmwareVersion,
    uuid: () => identity().uuid,
    guid: () => identity().guid,
    users: createUserTable(options.username, options.password, storage),
    badPasswords: createBadPasswords(options.badPasswordPolicy),
    channel,
    cipherSuites: [...options.cipherSuites].sort((a, b) => a - b),
    ipmi15Auth: options.ipmi15Auth,
    kg: options.kg,
    macAddress: options.fakemac,
    lan: options.lan,
    lanSettings,
    lanStatistics: createLanStatistics(),
    bootOptions,
    bootFlags,
    chassis,
    sol: createSolSettings(storage),
    console: options.console,
    solPort: () => options.solPort ?? options.lan().port,
    watchdog,
    acpi,
    systemInfo,
    eventLogging,
    coldReset: () => {
      log("info", "cold reset of the BMC");
      forgetAll(bmc);
      resetListeners.forEach((listener) => listener());
    },
    onColdReset: (listener) => void resetListeners.push(listener),
    observe,
    onUpdate: updateListeners.add,
    onSelRecord: selListeners.add,
    operationFailed: history.failedLate,
    events,
    readings,
    power: createPowerMeter(() => readings.value(powerConsumption), timers.now),
    asset,
    fru: createMachineFru(machine, asset, vmName, () => identity().uuid),
    sdr,
    sdrReservation,
    sel,
    selReservation,
    clock,
  };
  return bmc;
}

/** How the simulator behaves, and how it usually does. */
import type { FolderBehaviour } from "./folderAccess.js";
import type { Permission } from "./permissions.js";
import { type SerialBehaviour, usualSerialBehaviour } from "./serial/behaviour.js";

/** How it behaves, to be changed at any time. */
export interface Behaviour extends FolderBehaviour, SerialBehaviour {
  /** How long a task runs, ms. */
  taskDurationMs: number;
  /** How long a guest takes to shut down, ms. */
  guestShutdownMs: number;
  /** Maximum objects in one page of properties. */
  pageLimit: number;
  /** Maximum open sessions. */
  sessionLimit: number;
  /** Maximum open connections: more are closed, as an ESXi host does beyond 128. */
  connectionLimit: number;
  /** Wrong logins in a row that lock the account, and for how long, ms. */
  lockAfterFailures: number;
  lockedMs: number;
  /** Privilege IDs that the account does not have. */
  withheldPrivileges: ReadonlySet<string>;
  /** The roles that the account has on objects; undefined: all rights everywhere. */
  permissions: readonly Permission[] | undefined;
  /** A licence that has no API for changes: each of them is RestrictedVersion. */
  freeLicence: boolean;
  /** An ESXi host in lockdown mode: a login is NoPermission. */
  lockdown: boolean;
  /** The prefix of the XML Schema instance namespace: `xsi`, or whatever a server chooses. */
  xsiPrefix: string;
  /** Text around the body of envelopes. */
  padding: string;
  /** A new boot order for a VM that is on is InvalidPowerState. */
  refusesBootOrderWhileOn: boolean;
  /** A power off takes the place of a power-on that waits for an answer; else it is refused, as during any other task. */
  powerOffEndsQuestion: boolean;
  /** How long a change waits for the answer to its question before it fails, ms. */
  questionPatienceMs: number;
  /** A guest that has started from a CD holds the drive: an eject asks whether the lock is to be overridden. */
  guestsHoldCdrom: boolean;
  /** Whether config.datastoreUrl of VMs is reported. */
  tellsDatastoreUrl: boolean;
}

export const usualBehaviour: Behaviour = {
  taskDurationMs: 50,
  guestShutdownMs: 1_000,
  pageLimit: Infinity,
  sessionLimit: 2_000,
  connectionLimit: Infinity,
  lockAfterFailures: Infinity,
  lockedMs: 900_000,
  withheldPrivileges: new Set(),
  permissions: undefined,
  freeLicence: false,
  lockdown: false,
  xsiPrefix: "xsi",
  padding: "",
  refusesBootOrderWhileOn: false,
  powerOffEndsQuestion: false,
  questionPatienceMs: 300_000,
  guestsHoldCdrom: false,
  tellsDatastoreUrl: true,
  ...usualSerialBehaviour,
  folderTakesCookie: true,
  folderTakesTicket: true,
  folderNeedsDatacenter: true,
  folderNeedsDatastore: true,
  uploadLimit: 1,
  uploadBytesPerSecond: Infinity,
};

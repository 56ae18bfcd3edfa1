/** System Info strings (IPMI 2.0 §22.14a-b): those that management software writes, and those that vSphere knows. */
import { byNumber, bytes, fields, integer } from "../../../base/document/codec.js";
import type { Machine } from "../../machine/machine.js";
import { createPersistentState } from "../state/persistentState.js";
import type { BmcStorage } from "../state/storage.js";

/** Parameter numbers, table 22-16c. */
export const systemInfoParameter = {
  firmwareVersion: 1,
  systemName: 2,
  primaryOsName: 3,
  osName: 4,
  osVersion: 5,
  bmcUrl: 6,
  hypervisorUrl: 7,
} as const;

/** 0 is ASCII and Latin-1, 1 UTF-8, 2 UNICODE. */
export interface InfoString {
  readonly encoding: number;
  /** Up to 255 bytes. */
  readonly bytes: Buffer;
}

export interface SystemInfo {
  /** Parameter 0: 0 set complete, 1 set in progress. */
  setInProgress: number;
  /** undefined if unknown. */
  readonly read: (parameter: number) => InfoString | undefined;
  readonly isWritable: (parameter: number) => boolean;
  /** A written string overrides vSphere's; an empty one removes the override. Rejects with StorageError. */
  readonly write: (parameter: number, change: (before: InfoString | undefined) => InfoString) => Promise<void>;
  /** The operating system has stopped: its name is the only volatile parameter. */
  readonly forgetRunning: () => void;
}

const { firmwareVersion, systemName, primaryOsName, osName, osVersion, bmcUrl, hypervisorUrl } = systemInfoParameter;
const fromVsphere: readonly number[] = [systemName, primaryOsName, osName];
const writable: readonly number[] = [...fromVsphere, firmwareVersion, osVersion, bmcUrl, hypervisorUrl];
const maxStringLength = 255;

type Persisted = ReadonlyMap<number, InfoString>;

export function createSystemInfo(
  vmName: string,
  machine: Pick<Machine, "snapshot" | "lastSnapshot">,
  storage: BmcStorage,
): SystemInfo {
  const state = createPersistentState<Persisted>(storage, "system-info", new Map(), codec);
  /** Written by software in the guest. */
  let runningOs: InfoString | undefined;

  function readFromVsphere(parameter: number): string | undefined {
    const present = machine.snapshot();
    switch (parameter) {
      case systemName:
        return machine.lastSnapshot()?.name ?? vmName;
      case primaryOsName:
        return machine.lastSnapshot()?.guestFullName;
      default:
        // The running OS: none while the VM is off, unknown while vCenter is unreachable.
        return present && (present.powerState === "poweredOn" ? present.guestFullName : "");
    }
  }

  function written(parameter: number): InfoString | undefined {
    return parameter === osName ? runningOs : state.value().get(parameter);
  }

  function read(parameter: number): InfoString | undefined {
    const own = written(parameter);
    const isOwn = own !== undefined && own.bytes.length > 0;
    return isOwn || !fromVsphere.includes(parameter) ? own : toInfoString(readFromVsphere(parameter));
  }

  return {
    setInProgress: 0,
    read,
    isWritable: (parameter) => writable.includes(parameter),
    write: async (parameter, change) => {
      if (parameter === osName) {
        runningOs = change(runningOs);
      } else {
        await state.change((kept) => new Map([...kept, [parameter, change(kept.get(parameter))]]));
      }
    },
    forgetRunning: () => {
      runningOs = undefined;
    },
  };
}

function toInfoString(text: string | undefined): InfoString | undefined {
  if (text === undefined) {
    return undefined;
  }
  const bytes = Buffer.from(text).subarray(0, maxStringLength);
  // ipmitool expects any string that is not ASCII to fill all four blocks it reads.
  return { encoding: bytes.every((byte) => byte < 0x80) ? 0 : 1, bytes };
}

const codec = byNumber(
  integer(0, 0xff),
  fields<InfoString>({ encoding: integer(0, 15), bytes: bytes(maxStringLength) }),
);

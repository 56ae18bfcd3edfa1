/** `vbmc import`: adds many BMCs, each only where nothing speaks against it. */
import type { AddRequest, ImportedBmc, ImportRequest } from "../../control/messages.js";
import { validateAdd } from "../../control/validation.js";
import type { Config } from "../../settings/config/config.js";
import { bmcKeys, type KeyOf, keyOrder } from "../../settings/store/bmcKeys.js";
import { nameFault } from "../../settings/store/name.js";
import { type Addresses, readAddresses } from "../supervisor/addresses.js";
import type { HostNames } from "../supervisor/hostNames.js";
import { shardFault } from "../supervisor/shard.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { placeOf, toStoredValues } from "./add.js";
import { toText } from "./names.js";

/** A BMC to add: its values, and why it cannot be added. */
interface Candidate {
  readonly name: string;
  readonly request: AddRequest;
  readonly active: boolean;
  readonly other: Readonly<Record<string, string>>;
  /** Which daemon serves it, if it is another one. */
  readonly elsewhere: string | undefined;
  fault: string | undefined;
  isAdded: boolean;
}

/** What has become of one BMC of an import. */
export interface ImportedResult {
  readonly name: string;
  readonly address: string;
  /** Undefined where none was found for it. */
  readonly port: number | undefined;
  /** `skipped`: another one failed, and it is all or none. `other shard`: another daemon serves it. */
  readonly result: "added" | "skipped" | "failed" | "other shard";
  /** Why it was not added, one line. */
  readonly problem: string | undefined;
}

/** `vbmc import`: adds BMCs; the results are in the order given. */
export async function importBmcs(
  request: ImportRequest,
  supervisor: Supervisor,
  hostNames: HostNames,
): Promise<readonly ImportedResult[]> {
  const { store } = supervisor;
  const wanted = request.bmcs.map(({ address, port, redfish_port: redfishPort }) => ({ address, port, redfishPort }));
  const candidates = toCandidates(request, supervisor, await readAddresses(store, hostNames, wanted));
  const isRefused = () => request.atomic && candidates.some(({ fault }) => fault !== undefined);
  for (const candidate of candidates) {
    if (candidate.elsewhere !== undefined || candidate.fault !== undefined || isRefused()) {
      continue;
    }
    try {
      const active = candidate.active ? "True" : "False";
      await store.add(candidate.name, { ...toStoredValues(candidate.request), active }, candidate.other);
      candidate.isAdded = true;
    } catch (error) {
      candidate.fault = toText(error);
    }
  }
  if (isRefused()) {
    await rollBack(candidates, supervisor);
  }
  await supervisor.reconcileSoon();
  return candidates.map(toImported);
}

/**
 * Explicit ports are reserved first: counted ones skip them. BMCs of other daemons are counted too, so that each daemon
 * that is given the list finds the same ports.
 */
function toCandidates(
  { bmcs, first_port: firstPort }: ImportRequest,
  { store, config }: Supervisor,
  addresses: Addresses,
): Candidate[] {
  const names = new Set<string>();
  const candidates = bmcs.map((bmc) => toCandidate(bmc, config.shard));
  for (const candidate of candidates.filter(({ elsewhere }) => elsewhere === undefined)) {
    const { name, request } = candidate;
    candidate.fault ??= names.has(name)
      ? `${name} is listed twice: give one of the two another "name"`
      : nameFault(name);
    candidate.fault ??= store.read(name) === undefined ? undefined : `there is a BMC of this name already`;
    names.add(name);
    if (request.port !== unassigned) {
      takePort(candidate, addresses);
    }
  }
  let next = firstPort;
  return candidates.map((candidate) => {
    if (candidate.request.port !== unassigned || candidate.fault !== undefined) {
      return candidate;
    }
    const port = addresses.freePort(candidate.request.address, next);
    if (port === undefined) {
      return { ...candidate, fault: `there is no free port from ${firstPort} on` };
    }
    next = port + 1;
    const assigned = { ...candidate, request: { ...candidate.request, port } };
    if (assigned.elsewhere === undefined) {
      takePort(assigned, addresses);
    }
    return assigned;
  });
}

const unassigned = -1;

function takePort(candidate: Candidate, addresses: Addresses): void {
  const { name, request } = candidate;
  const place = placeOf(request);
  candidate.fault ??= validateAdd(request);
  candidate.fault ??= addresses.conflict(place);
  if (candidate.fault === undefined) {
    addresses.give(place, name);
  }
}

/** Null if not given. */
const nullableKeys = keyOrder.filter((key): key is KeyOf<"nullable"> => bmcKeys[key].presence === "nullable");

function toCandidate(
  { name: given, active, port, other = {}, ...bmc }: ImportedBmc,
  shard: Config["shard"],
): Candidate {
  const name = given ?? bmc.vm_name;
  const request: AddRequest = {
    ...bmc,
    ...Object.fromEntries(nullableKeys.map((key) => [key, bmc[key] ?? null])),
    port: port ?? unassigned,
    command: "add",
  } as AddRequest;
  const elsewhere = shardFault(name, shard);
  return { name, request, active, other, elsewhere, fault: undefined, isAdded: false };
}

async function rollBack(candidates: readonly Candidate[], { store }: Supervisor): Promise<void> {
  for (const candidate of candidates) {
    if (!candidate.isAdded) {
      continue;
    }
    candidate.isAdded = false;
    await store.delete(candidate.name).catch((error: unknown) => {
      candidate.fault = `it was written, and could not be removed again: ${toText(error)}`;
    });
  }
}

function toImported(candidate: Candidate): ImportedResult {
  const { name, request, elsewhere, fault } = candidate;
  return {
    name,
    address: request.address,
    port: request.port === unassigned ? undefined : request.port,
    result: resultOf(candidate),
    problem: elsewhere ?? fault,
  };
}

function resultOf({ elsewhere, fault, isAdded }: Candidate): ImportedResult["result"] {
  if (elsewhere !== undefined) {
    return "other shard";
  }
  if (isAdded) {
    return "added";
  }
  return fault === undefined ? "skipped" : "failed";
}

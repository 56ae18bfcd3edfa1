/** Identifies the VM behind a reference. References are valid for one session only; the identity outlives them. */
import { toMachineError } from "./faults.js";
import { isTemplate } from "./machineRole.js";
import type { MoRef } from "./moRef.js";
import { type Properties, readEach } from "./properties.js";
import type { VimSession } from "./session.js";
import { smbiosPath } from "./smbiosUuid.js";
import { fieldOf, textOf } from "./soapValue.js";

export interface VmIdentity {
  /** Lower-case; undefined while vSphere does not report the VM's configuration. */
  readonly instanceUuid: string | undefined;
  /** As vSphere stores it. */
  readonly name: string | undefined;
  readonly isTemplate: boolean;
}

export interface ReadIdentity extends VmIdentity {
  /** The guest sees config.uuid unchanged, whatever its virtual hardware. */
  readonly hasOldSmbios: boolean;
}

/** Identities of those that exist, by the values of their references; one call for up to 100. */
export async function readIdentities(
  session: VimSession,
  machines: readonly MoRef[],
): Promise<ReadonlyMap<string, ReadIdentity>> {
  const paths = ["name", "config.instanceUuid", "config.template"];
  const found = await readEach(session, machines, [...paths, smbiosPath]).catch((error: unknown) => {
    // The server does not support paths with keys: assume the default for its guests' UUID.
    if (toMachineError(error).kind !== "unsupported" && !toMachineError(error).message.startsWith("InvalidProperty")) {
      throw error;
    }
    return readEach(session, machines, paths);
  });
  return new Map(
    [...found].map(([value, properties]) => [
      value,
      { ...identityOf(properties), hasOldSmbios: isFalse(properties.get(smbiosPath)) },
    ]),
  );
}

export function identityOf(properties: Properties): VmIdentity {
  return {
    instanceUuid: textOf(properties.get("config.instanceUuid"))?.toLowerCase(),
    name: textOf(properties.get("name")),
    isTemplate: isTemplate(properties),
  };
}

/** Compares the instance UUIDs, or the names if either has none. */
export function isSameVm(a: VmIdentity, b: VmIdentity): boolean {
  return a.instanceUuid !== undefined && b.instanceUuid !== undefined
    ? a.instanceUuid === b.instanceUuid
    : a.name !== undefined && a.name === b.name;
}

/** An OptionValue. */
function isFalse(option: unknown): boolean {
  return textOf(fieldOf(option, "value"))?.toUpperCase() === "FALSE";
}

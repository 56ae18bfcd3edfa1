/** Which VM a reference names. References are good for one session: what identifies a VM outlives them. */
import { toMachineError } from "./faults.js";
import { isTemplate } from "./machineRole.js";
import type { MoRef } from "./moRef.js";
import { type Properties, readEach } from "./properties.js";
import type { VimSession } from "./session.js";
import { smbiosPath } from "./smbiosUuid.js";
import { fieldOf, textOf } from "./soapValue.js";

export interface VmIdentity {
  /** Lower-case; undefined while vSphere does not tell the VM's configuration. */
  readonly instanceUuid: string | undefined;
  /** As vSphere stores it. */
  readonly name: string | undefined;
  readonly isTemplate: boolean;
}

export interface ReadIdentity extends VmIdentity {
  /** The guest reads config.uuid as it is, whatever its virtual hardware. */
  readonly hasOldSmbios: boolean;
}

/** All that exist, by the values of their references; one call for up to 100. */
export async function readIdentities(
  session: VimSession,
  machines: readonly MoRef[],
): Promise<ReadonlyMap<string, ReadIdentity>> {
  const paths = ["name", "config.instanceUuid", "config.template"];
  const found = await readEach(session, machines, [...paths, smbiosPath]).catch((error: unknown) => {
    // A server that knows no paths with keys: its guests' UUID is then taken to be the usual one.
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

/** By the instance UUID, and by the name as long as either is without one. */
export function isSameVm(a: VmIdentity, b: VmIdentity): boolean {
  return a.instanceUuid !== undefined && b.instanceUuid !== undefined
    ? a.instanceUuid === b.instanceUuid
    : a.name !== undefined && a.name === b.name;
}

/** An OptionValue. */
function isFalse(option: unknown): boolean {
  return textOf(fieldOf(option, "value"))?.toUpperCase() === "FALSE";
}

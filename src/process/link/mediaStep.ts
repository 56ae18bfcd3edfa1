/** The step of a diagnosis that checks whether images can be stored for a VM and inserted into its drives. */
import { toMachineError } from "../../vsphere/faults.js";
import { chooseDatastore, datastoresOf } from "../../vsphere/media/datastores.js";
import { readDriveFacts } from "../../vsphere/media/driveFacts.js";
import { findDrive } from "../../vsphere/media/drives.js";
import { drivePrivileges, storagePrivileges } from "../../vsphere/media/mediaPrivileges.js";
import type { MoRef } from "../../vsphere/moRef.js";
import { missingOf } from "../../vsphere/requiredPrivileges.js";
import type { VimSession } from "../../vsphere/session.js";
import type { LinkConfiguration } from "../ipc/configuration.js";
import type { DiagnosisStep } from "../ipc/question.js";
import { stepOf } from "./diagnosisStep.js";

/** At most a warning: everything else works without it. */
export async function mediaStep(
  session: VimSession,
  reference: MoRef,
  { username, media }: LinkConfiguration,
): Promise<DiagnosisStep> {
  try {
    const facts = await readDriveFacts(session, reference);
    const places = await datastoresOf(session, { host: facts.host, own: facts.datastores });
    const datastore = chooseDatastore(places, { configured: media?.datastore, own: facts.datastores });
    const hasDrive = findDrive(facts.devices, "cd") !== undefined;
    const missing = await missingOf(session, [
      {
        object: reference,
        name: "the VM",
        privileges: [...drivePrivileges.cd, ...(hasDrive ? [] : drivePrivileges.add)],
      },
      { object: datastore.reference, name: `the datastore ${datastore.name}`, privileges: storagePrivileges },
    ]);
    if (missing.length > 0) {
      const words = missing.map(({ name, privileges }) => `${privileges.join(", ")} on ${name}`).join(" and ");
      return stepOf("media", "warning", `virtual media do not work: ${username} lacks ${words}`);
    }
    const drive = hasDrive ? "" : "; the VM gets a CD drive with its first image";
    return stepOf("media", "ok", `images are stored on ${datastore.name}${drive}`);
  } catch (error) {
    return stepOf("media", "warning", `virtual media do not work: ${toMachineError(error).message}`);
  }
}

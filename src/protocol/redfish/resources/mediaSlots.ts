/** Where drives are: below the System and the Manager, which are two ways to the same. */
import type { MediaSlotId } from "../../../model/machine/media.js";
import { rootUri } from "../representation.js";
import type { Visit } from "../resource.js";

/** New sushy and Tacklebox ask the System, bmclib, older Ansible and OpenShift's recipes the Manager. */
export const mediaTemplates = [
  `${rootUri}/Systems/{systemId}/VirtualMedia`,
  `${rootUri}/Managers/{managerId}/VirtualMedia`,
] as const;

export const mediaIds: Readonly<Record<MediaSlotId, string>> = { cd: "Cd", floppy: "Floppy" };

export function slotOf({ params }: Pick<Visit, "params">): MediaSlotId {
  return params["mediaId"] === mediaIds.floppy ? "floppy" : "cd";
}

/** DSP0268 "VirtualMedia 1.6.5": the VM's CD drive, and its floppy drive where it can have one. */
import { type MediaSlot, type MediaSlotId, percentOf } from "../../../model/machine/media.js";
import { boolean } from "../checks.js";
import { type Json, type JsonObject, link } from "../json.js";
import { baseRegistry, message } from "../messages.js";
import { RedfishError } from "../redfishError.js";
import { type Action, defineCollection, defineResource, type Visit } from "../resource.js";
import { eject, ejectionParameters, insert, insertionParameters, insertionProperties } from "./mediaInsertion.js";
import { mediaIds, mediaTemplates, slotOf } from "./mediaSlots.js";

/** sushy does not look at 202: as long as it can wait, it is to hear how it went. */
const taskAfterMs = 20_000;

function percentComplete(visit: Visit): number | undefined {
  const progress = visit.machine.mediaProgress(slotOf(visit));
  return progress && percentOf(progress);
}

const long = { taskAfterMs, percentComplete };

const insertMedia: Action = { parameters: insertionParameters, run: insert, ...long };
const ejectMedia: Action = { parameters: ejectionParameters, run: eject, ...long };

const collections = mediaTemplates.map((template) =>
  defineCollection({
    uri: template,
    of: "VirtualMedia",
    name: "Virtual Media",
    entity: "VirtualMediaCollection",
    ids: async ({ machine }) => (await machine.media()).map(({ id }) => mediaIds[id]),
  }),
);

const drives = mediaTemplates.map((template) =>
  defineResource({
    uri: `${template}/{mediaId}`,
    type: "VirtualMedia.v1_6_5.VirtualMedia",
    entity: "VirtualMedia",
    has: ({ params }) => Object.values(mediaIds).some((id) => id === params["mediaId"]),
    read: async (visit) => {
      const { machine, mediaTrust, uri, params } = visit;
      const slot = (await machine.media()).find(({ id }) => mediaIds[id] === params["mediaId"]);
      if (!slot) {
        throw new RedfishError(404, [message("ResourceMissingAtURI", [uri])]);
      }
      const { id, isInserted, image, imageName } = slot;
      return {
        Id: mediaIds[id],
        Name: names[id],
        MediaTypes: mediaTypes[id],
        Inserted: isInserted,
        // What is only on its way is not there: clients take a drive with an image for full.
        Image: isInserted ? (image ?? null) : null,
        ImageName: isInserted ? (imageName ?? null) : null,
        ConnectedVia: isInserted && !isDisconnected(slot, visit) ? "URI" : "NotConnected",
        // The guest can at most change the copy on the datastore.
        WriteProtected: true,
        UserName: null,
        Password: null,
        TransferMethod: "Upload",
        TransferProtocolType: isInserted ? protocolOf(image) : null,
        VerifyCertificate: mediaTrust.verifiesCertificate(id) ?? slot.verifiesCertificate,
        Status: statusOf(slot),
        Certificates: link(`${uri}/Certificates`),
      };
    },
    writable: { ...insertionProperties, VerifyCertificate: boolean },
    write: change,
    longWrite: long,
    actions: { "VirtualMedia.InsertMedia": insertMedia, "VirtualMedia.EjectMedia": ejectMedia },
  }),
);

const names: Readonly<Record<MediaSlotId, string>> = { cd: "Virtual CD", floppy: "Virtual Floppy" };
/** Images of 1.44 MB are all that a floppy drive takes: a memory stick would have no drive in vSphere. */
const mediaTypes: Readonly<Record<MediaSlotId, readonly string[]>> = { cd: ["CD", "DVD"], floppy: ["Floppy"] };

/** While the VM is off, what it starts with counts. */
function isDisconnected({ isConnected }: MediaSlot, { machine }: Visit): boolean {
  return !isConnected && machine.snapshot()?.powerState === "poweredOn";
}

function protocolOf(image = ""): string | null {
  const [, protocol] = /^(https?):/i.exec(image) ?? [];
  return protocol?.toUpperCase() ?? null;
}

/** An image on its way is an update of the drive; why one did not get there stays to be read. */
function statusOf({ progress }: MediaSlot): JsonObject {
  switch (progress.stage) {
    case "idle":
      return { State: "Enabled", Health: "OK" };
    case "failed":
      return {
        State: "Enabled",
        Health: "Warning",
        Conditions: [
          {
            MessageId: `${baseRegistry.idPrefix}.GeneralError`,
            Message: progress.reason,
            Severity: "Warning",
            Timestamp: new Date(progress.at).toISOString(),
          },
        ],
      };
    default:
      return { State: "Updating", Health: "OK" };
  }
}

/** As Lenovo's BMCs take it: an image inserts, null or `Inserted` false ejects. */
async function change(changes: JsonObject, visit: Visit): Promise<void> {
  const { VerifyCertificate: verifies, ...media } = changes;
  if (verifies !== undefined) {
    await visit.mediaTrust.setVerifiesCertificate(slotOf(visit), verifies === true);
  }
  if (Object.keys(media).length === 0) {
    return;
  }
  const { Image: image, Inserted: isInserted } = media;
  if (typeof image === "string" && isInserted === false) {
    throw conflict("Inserted", "Image", "Inserted is false together with an Image: give one of them.");
  }
  if (typeof image === "string") {
    await insert(media, visit);
  } else if (image === null || isInserted === false) {
    await eject({}, visit);
  } else {
    await requireInserted(media, visit);
  }
}

/** Nothing but what comes with an image, without one. */
async function requireInserted(media: Readonly<Record<string, Json | undefined>>, visit: Visit): Promise<void> {
  const slot = (await visit.machine.media()).find(({ id }) => id === slotOf(visit));
  const [name = ""] = Object.keys(media).filter((each) => each !== "Inserted");
  if (name !== "" || slot?.isInserted !== true) {
    throw conflict(name === "" ? "Inserted" : name, "Image", "Nothing can be inserted without an Image: give its URL.");
  }
}

function conflict(name: string, other: string, text: string): RedfishError {
  return new RedfishError(400, [message("PropertyValueConflict", [name, other], { text, related: [`#/${name}`] })]);
}

export const virtualMediaResources = [...collections, ...drives];

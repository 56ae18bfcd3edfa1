/** VirtualMedia.InsertMedia and EjectMedia (DSP0268 "VirtualMedia"): what clients give of an image, and what becomes of it. */
import { loggedImage, type MediaInsertion } from "../../../model/machine/media.js";
import { always, boolean, oneOf, orNull, text } from "../checks.js";
import { type JsonObject, textOf } from "../json.js";
import { message } from "../messages.js";
import { RedfishError } from "../redfishError.js";
import type { Action, Visit } from "../resource.js";
import { slotOf } from "./mediaSlots.js";

/** The link ends a transfer long before, ms. */
const insertionTimeoutMs = 24 * 3_600_000;

const image = text({ minBytes: 1, maxBytes: 2_048, shown: loggedImage });
const credential = { maxBytes: 256 };
/** The fields of a request besides the image. */
const details = {
  UserName: orNull(text(credential)),
  Password: orNull(text({ ...credential, isSecret: true })),
  // The image is read, and never written to.
  WriteProtected: always(true),
  // Both are what vSphere does: it reads a copy on a datastore.
  TransferMethod: orNull(oneOf(["Stream", "Upload"])),
  TransferProtocolType: orNull(oneOf(["HTTP", "HTTPS"])),
} as const;

/** Image alone is enough: each client gives others of the rest. */
export const insertionParameters: Action["parameters"] = {
  Image: { isRequired: true, check: image },
  Inserted: { check: always(true) },
  ...Object.fromEntries(Object.entries(details).map(([name, check]) => [name, { check }])),
  // Of some vendors; the drive says already what it takes.
  MediaType: { check: text({ maxBytes: 64 }) },
};

/** The same in a PATCH, where null and false eject. */
export const insertionProperties = { Image: orNull(image), Inserted: boolean, ...details };

export const ejectionParameters: Action["parameters"] = {};

/** Does nothing else: neither power nor boot device changes. Rejects with RedfishError or MachineError. */
export async function insert(given: JsonObject, visit: Visit): Promise<undefined> {
  requireProtocol(given);
  await visit.machine.insertMedia(toInsertion(given, visit), { timeoutMs: insertionTimeoutMs });
}

/** Success for an empty drive too. Rejects with MachineError. */
export async function eject(_given: JsonObject, visit: Visit): Promise<undefined> {
  await visit.machine.ejectMedia(slotOf(visit), { timeoutMs: insertionTimeoutMs });
}

function toInsertion(given: JsonObject, visit: Visit): MediaInsertion {
  const { mediaTrust } = visit;
  const slot = slotOf(visit);
  const certificates = mediaTrust.certificates(slot).map(({ pem }) => pem);
  // OpenShift's recipe sends empty ones where there are none.
  const username = textOf(given["UserName"]) || null;
  return {
    slot,
    image: textOf(given["Image"]),
    username,
    password: username === null ? null : textOf(given["Password"]),
    verifyCertificate: mediaTrust.verifiesCertificate(slot) ?? null,
    ...(certificates.length > 0 && { trustedCertificates: certificates }),
  };
}

/** Throws 400 where the protocol is not the one of the URL. */
function requireProtocol(given: JsonObject): void {
  const protocol = textOf(given["TransferProtocolType"]);
  const url = textOf(given["Image"]);
  if (protocol !== "" && !url.toLowerCase().startsWith(`${protocol.toLowerCase()}://`)) {
    const text = `The image is not to be had over ${protocol}: leave TransferProtocolType out, or let it be that of the URL.`;
    throw new RedfishError(400, [
      message("ActionParameterValueConflict", ["TransferProtocolType", protocol], {
        text,
        related: ["#/TransferProtocolType"],
      }),
    ]);
  }
}

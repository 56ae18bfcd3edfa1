/** DSP0268 "Certificate 1.11.0" below VirtualMedia: what image servers are trusted by, besides well-known authorities. */
import type { X509Certificate } from "node:crypto";

import { defined } from "../../../base/defined.js";
import { type Check, oneOf } from "../checks.js";
import { type JsonObject, textOf } from "../json.js";
import { maxCertificateBytes, readCertificate, type TrustedCertificate } from "../mediaTrust.js";
import { message } from "../messages.js";
import { RedfishError } from "../redfishError.js";
import { defineCollection, defineResource, type Visit } from "../resource.js";
import { mediaIds, mediaTemplates, slotOf } from "./mediaSlots.js";

const certificateText: Check = {
  kind: "check",
  dataType: "String",
  examine: (value) => {
    if (typeof value !== "string") {
      return "type";
    }
    return Buffer.byteLength(value) <= maxCertificateBytes && readCertificate(value) ? undefined : "format";
  },
};

const isDrive = ({ params }: Visit): boolean => Object.values(mediaIds).some((id) => id === params["mediaId"]);

const collections = mediaTemplates.map((template) => ({
  ...defineCollection({
    uri: `${template}/{mediaId}/Certificates`,
    of: "Certificate",
    name: "Certificates of Image Servers",
    entity: "CertificateCollection",
    ids: (visit) => visit.mediaTrust.certificates(slotOf(visit)).map(({ id }) => String(id)),
    create: {
      properties: {
        CertificateString: { isRequired: true, check: certificateText },
        CertificateType: { isRequired: true, check: oneOf(["PEM"]) },
      },
      run: async ({ CertificateString }, visit) => {
        const added = await visit.mediaTrust.add(slotOf(visit), textOf(CertificateString));
        if (!added) {
          const text = "The drive holds as many certificates as it can: delete one that is not needed.";
          throw new RedfishError(400, [message("CreateLimitReachedForResource", [], { text })]);
        }
        return { uri: `${visit.uri}/${added.id}` };
      },
    },
  }),
  has: isDrive,
}));

const certificates = mediaTemplates.map((template) =>
  defineResource({
    uri: `${template}/{mediaId}/Certificates/{certificateId}`,
    type: "Certificate.v1_11_0.Certificate",
    entity: "Certificate",
    has: (visit) => isDrive(visit) && find(visit) !== undefined,
    read: (visit) => {
      const found = find(visit);
      return found ? describe(found) : {};
    },
    remove: async (visit) => {
      await visit.mediaTrust.remove(slotOf(visit), Number(visit.params["certificateId"]));
    },
  }),
);

function find(visit: Visit): TrustedCertificate | undefined {
  const { mediaTrust, params } = visit;
  return mediaTrust.certificates(slotOf(visit)).find(({ id }) => String(id) === params["certificateId"]);
}

function describe({ id, pem }: TrustedCertificate): JsonObject {
  const certificate = readCertificate(pem);
  return defined({
    Id: String(id),
    Name: "Certificate of an Image Server",
    CertificateString: pem,
    CertificateType: "PEM",
    Subject: certificate && identifierOf(certificate.subject),
    Issuer: certificate && identifierOf(certificate.issuer),
    ValidNotBefore: certificate && dateOf(certificate.validFrom),
    ValidNotAfter: certificate && dateOf(certificate.validTo),
    SerialNumber: certificate && certificate.serialNumber.replaceAll(/..(?=.)/g, "$&:"),
    Fingerprint: certificate && certificate.fingerprint256,
    FingerprintHashAlgorithm: certificate && "TPM_ALG_SHA256",
  });
}

function dateOf(text: string): string {
  return new Date(text).toISOString();
}

/** A distinguished name as Node writes it, one attribute a line. */
function identifierOf(name: X509Certificate["subject"] | undefined): JsonObject {
  const attributes = new Map(
    (name ?? "").split("\n").map((line) => {
      const [key = "", ...value] = line.split("=");
      return [key, value.join("=")] as const;
    }),
  );
  return {
    CommonName: attributes.get("CN"),
    Organization: attributes.get("O"),
    OrganizationalUnit: attributes.get("OU"),
    City: attributes.get("L"),
    State: attributes.get("ST"),
    Country: attributes.get("C"),
    Email: attributes.get("emailAddress"),
  };
}

export const mediaCertificateResources = [...collections, ...certificates];

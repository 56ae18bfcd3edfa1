/** Checks whether the server's licence includes the API for changes: a free ESXi licence is read-only. */
import { readProperties } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf, listOf, textOf } from "./soapValue.js";

/** LicenseManagerLicenseInfo's feature without which every change is RestrictedVersion. */
const apiFeature = "vimapi";

/** The name of the licence if it has no API for changes; undefined if it has one, or if that is unknown. */
export async function licenceWithoutApi(session: VimSession): Promise<string | undefined> {
  const { licenseManager } = session.content;
  if (!licenseManager) {
    return undefined;
  }
  // An account without Global.Licenses may not look.
  const properties = await readProperties(session, licenseManager, ["licenses"]).catch(() => undefined);
  const licences = listOf(properties?.get("licenses"), "LicenseManagerLicenseInfo");
  const isWithout = licences.length > 0 && licences.every(lacksApi);
  return isWithout ? (textOf(fieldOf(licences[0], "name")) ?? "without a name") : undefined;
}

/** An evaluation has all features, and some servers list none. */
function lacksApi(licence: unknown): boolean {
  const features = listOf(fieldOf(licence, "properties"))
    .filter((property) => textOf(fieldOf(property, "key")) === "feature")
    .map((property) => textOf(fieldOf(fieldOf(property, "value"), "key")) ?? "");
  const isEvaluation = textOf(fieldOf(licence, "editionKey")) === "eval";
  return !isEvaluation && features.length > 0 && !features.some((feature) => feature.split(":")[0] === apiFeature);
}

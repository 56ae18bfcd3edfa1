/** The licences of the server, and their features. */
import { readProperties } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf, listOf, textOf } from "./soapValue.js";

/** LicenseManagerLicenseInfo's feature without which every change is RestrictedVersion: a free ESXi has none. */
const apiFeature = "vimapi";

export interface Licence {
  readonly name: string;
  /** Such as `serialuri:2`; undefined: all of them, as in an evaluation. Some servers list none. */
  readonly features: readonly string[] | undefined;
}

/** The name of the licence if it has no API for changes; undefined if it has one, or if that is unknown. */
export async function licenceWithoutApi(session: VimSession): Promise<string | undefined> {
  const licences = await featuresOfLicences(session);
  return licences.every(lacksApi) ? licences[0]?.name : undefined;
}

function lacksApi({ features }: Licence): boolean {
  return features !== undefined && features.length > 0 && !features.some((name) => name.split(":")[0] === apiFeature);
}

/** None where the account may not look, which needs Global.Licenses. */
export async function featuresOfLicences(session: VimSession): Promise<readonly Licence[]> {
  const { licenseManager } = session.content;
  if (!licenseManager) {
    return [];
  }
  const properties = await readProperties(session, licenseManager, ["licenses"]).catch(() => undefined);
  return listOf(properties?.get("licenses"), "LicenseManagerLicenseInfo").map(decodeLicence);
}

function decodeLicence(licence: unknown): Licence {
  const isEvaluation = textOf(fieldOf(licence, "editionKey")) === "eval";
  const features = listOf(fieldOf(licence, "properties"))
    .filter((property) => textOf(fieldOf(property, "key")) === "feature")
    .map((property) => textOf(fieldOf(fieldOf(property, "value"), "key")) ?? "");
  return { name: textOf(fieldOf(licence, "name")) ?? "without a name", features: isEvaluation ? undefined : features };
}

/**
 * `npm run --silent sbom`: the bill of materials of what ships, as CycloneDX: the dependencies, as `npm sbom` lists them, and
 * what else the bundler has taken in.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import * as v from "valibot";

import { inRepository, repository } from "../test/support/repository.js";

const component = v.looseObject({
  "bom-ref": v.string(),
  name: v.string(),
  version: v.string(),
});

const bill = v.looseObject({
  metadata: v.looseObject({ component }),
  components: v.array(component),
});

export type BillOfMaterials = v.InferOutput<typeof bill>;

/**
 * The same for the same sources: without a serial number of its own, and with the time that is given.
 * @param timestamp ISO 8601
 */
export function billOfMaterials(timestamp: string): BillOfMaterials {
  const installed = npmSbom("--omit=dev");
  delete installed["serialNumber"];
  const own = installed.metadata.component;
  const bundled = bundledPackages();
  const known = new Set(installed.components.map((each) => each["bom-ref"]));
  // To npm only the development needs them: the page's, and what a dependency takes only where it happens to be installed.
  const builtIn = npmSbom().components.filter(
    (each) => bundled.has(`${each.name} ${each.version}`) && !known.has(each["bom-ref"]),
  );
  return {
    ...installed,
    metadata: {
      ...installed.metadata,
      timestamp,
      // npm calls it by the folder that it is in.
      component: { ...own, name: own["bom-ref"].replace(/@[^@]*$/, ""), type: "application" },
    },
    components: [...installed.components, ...builtIn.map((each) => ({ ...each, properties: [] }))],
  };
}

function npmSbom(...options: readonly string[]): BillOfMaterials {
  const words = ["sbom", "--package-lock-only", "--sbom-format=cyclonedx", ...options];
  return v.parse(bill, JSON.parse(execFileSync("npm", words, { cwd: repository, encoding: "utf8" })));
}

/**
 * `name version` of what the bundler has taken into the programs and the page, by the licences that it wrote.
 * @throws Error where nothing has been built
 */
export function bundledPackages(): ReadonlySet<string> {
  const texts = ["bundle", "page"].map((folder) => readFileSync(inRepository("dist", folder, "LICENSES.txt"), "utf8"));
  return new Set(texts.flatMap((text) => [...text.matchAll(/^-{80}\n(\S+ \S+) \(/gm)].map(([, each = ""]) => each)));
}

if (process.argv[1] === import.meta.filename) {
  process.stdout.write(`${JSON.stringify(billOfMaterials(new Date().toISOString()), undefined, 2)}\n`);
}

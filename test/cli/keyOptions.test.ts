/** A new key of a BMC needs a row in bmcKeys and one in keyOptions; all else derives from them. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { createProgram } from "../../src/cli/program.js";
import { addRequest } from "../../src/control/requests/add.js";
import { importedFields } from "../../src/control/requests/import.js";
import { setRequest } from "../../src/control/requests/set.js";
import { keyOrder } from "../../src/settings/store/bmcKeys.js";
import { keyOptions } from "../../src/settings/store/keyOptions.js";
import { noContext } from "../support/manual/commandLineManual.js";

/** Keys with options of their own: defaults, secrets, accounts; and those that no option is about. */
const own = ["username", "password", "port", "address", "kg", "viserver", "viserver_username", "viserver_password"];
const ownFlags = ["viserver_thumbprint", "viserver_cafile", "viserver_insecure"];
const withoutOption = ["vm_name", "active"];

test("every key of a BMC has an option of vbmc set", () => {
  assert.deepEqual(
    [...own, ...ownFlags, ...withoutOption, ...Object.keys(keyOptions)].sort(),
    [...keyOrder].sort(),
    "a row in keyOptions is missing",
  );
  const set = createProgram(noContext, "0").commands.find((command) => command.name() === "set");
  const flags = set?.options.map(({ long }) => long) ?? [];
  const missing = keyOrder.filter((key) => !flags.includes(`--${key.replaceAll("_", "-")}`));
  assert.deepEqual(missing, withoutOption);
});

test("requests carry every key without a further word", () => {
  const keys = keyOrder.filter((key) => key !== "active");
  for (const { entries } of [addRequest, setRequest]) {
    assert.deepEqual(
      keys.filter((key) => !(key in entries)),
      [],
    );
  }
  assert.deepEqual(
    keys.filter((key) => !importedFields.includes(key)),
    [],
  );
});

/** Lists of BMCs as users write them: JSON, CSV, names (issue G). */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";

import { parseBmcList } from "../../src/cli/bmcList.js";
import { readVsbmcFolder } from "../../src/cli/vsbmcFolder.js";
import { temporaryFolder } from "../support/temporaryFolder.js";

const two = [{ vm_name: "lab-01", port: 6231, password: "a,b" }, { vm_name: "lab 02" }];

for (const [form, text, expected] of [
  ["JSON", '[{"vm_name":"lab-01","port":6231,"password":"a,b"},{"vm_name":"lab 02"}]', two],
  [
    "JSON with a byte order mark and text ports",
    '\ufeff [{"vm_name":"lab-01","port":"6231","password":"a,b"},"lab 02"]',
    two,
  ],
  ["one JSON object", '{"vm_name": "lab-01"}', [{ vm_name: "lab-01" }]],
  [
    "CSV",
    'vm_name,port,kg\r\nlab-01,6231,\r\n"lab ""02""",,k\r\n',
    [
      { vm_name: "lab-01", port: 6231 },
      { vm_name: 'lab "02"', kg: "k" },
    ],
  ],
  ["names", "# the lab\nlab-01\n\n lab 02 \r\n", [{ vm_name: "lab-01" }, { vm_name: "lab 02" }]],
  [
    "what vbmc discover -f json prints",
    '[{"VM name":"lab-01","Instance UUID":"4224e8b5-1e2d-3c4b-5a69-788796a5b4c3","Power":"poweredOn","Tools":"running"}]',
    [{ vm_name: "lab-01", vm_uuid: "4224e8b5-1e2d-3c4b-5a69-788796a5b4c3" }],
  ],
  [
    "what vbmc discover -f csv prints",
    '"VM name","Instance UUID","Power","Tools"\n"lab-01","4224e8b5-1e2d-3c4b-5a69-788796a5b4c3","poweredOn",""\n',
    [{ vm_name: "lab-01", vm_uuid: "4224e8b5-1e2d-3c4b-5a69-788796a5b4c3" }],
  ],
  [
    "true and false",
    '[{"vm_name":"a","active":true,"viserver_insecure":"False"}]',
    [{ vm_name: "a", active: true, viserver_insecure: false }],
  ],
] as const) {
  test(`${form} is read`, () => {
    assert.deepEqual(parseBmcList(text, "list", false), expected);
  });
}

describe("what is no list is refused in one line that names the place and quotes nothing of it", () => {
  for (const [text, message] of [
    ["", "list names no BMC"],
    ["[]", "list names no BMC"],
    ['[{"vm_name":"a","password":"s3cret"', "list starts like JSON but is not valid JSON"],
    ["[1]", "list, entry 1: expected an object with vm_name"],
    ['[{"port":1}]', "list, entry 1: vm_name is missing"],
    ['[{"vm_name":"a"},{"vm_name":"b","port":"x"}]', "list, entry 2: port must be a number"],
    ['[{"vm_name":"b","redfish_port":"x"}]', "list, entry 1: redfish_port must be a number"],
    ['[{"vm_name":"a","active":"perhaps"}]', "list, entry 1: active must be true or false"],
    ['[{"vm_name":"a","username":{}}]', "list, entry 1: username must be text"],
    ['vm_name,password\nlab-01,"s3cret\n', /^list is not valid CSV in line \d+ \(CSV_QUOTE_NOT_CLOSED\)$/],
  ] as const) {
    test(JSON.stringify(text), () => {
      assert.throws(
        () => parseBmcList(text, "list", false),
        (error: Error) => (typeof message === "string" ? error.message === message : message.test(error.message)),
      );
    });
  }

  test("a field that is not known", () => {
    assert.throws(() => parseBmcList('[{"vm_name":"a","adress":"::"}]', "list", false), {
      message: /^list, entry 1: adress is not known; known are vm_name, port, vm_uuid, username, /,
    });
  });
});

test("an export without passwords is not given the default one silently", () => {
  const text = "vm_name,password\nlab-01,\n";
  assert.throws(() => parseBmcList(text, "list", false), {
    message: "list, entry 1: the password is missing: export with --with-passwords, or give --password for all",
  });
  assert.deepEqual(parseBmcList(text, "list", true), [{ vm_name: "lab-01" }]);
});

describe("the folder of VirtualBMC for vSphere", () => {
  const folder = temporaryFolder();
  const write = (name: string, text: string): void => {
    mkdirSync(path.join(folder, name), { recursive: true });
    writeFileSync(path.join(folder, name, "config"), text);
  };

  test("gives each BMC under its folder's name, with all that its file holds; what is none is reported", () => {
    write(
      "lab-01",
      "[VirtualBMC]\nvm_name = lab-01\nusername = admin\npassword = 50%%;x\nport = 6231\naddress = ::\nviserver = vc\n" +
        "viserver_username = user\nviserver_password = pass\nactive = True\n\n",
    );
    write("old", "[VirtualBMC]\nport: +6232\nUserName = u\npassword = p\nrack = 4 %% full\n");
    write("site-a", "[VirtualBMC]\nvm_name = esx01\nusername = u\npassword = p\nport = 6234\n");
    write("foreign", "[VirtualBMC]\ndomain_name = node\nport = 6233\n");
    write("broken", "port = 1\n");
    write("portless", "[VirtualBMC]\nvm_name = x\nusername = u\npassword = p\nport = many\n");
    mkdirSync(path.join(folder, "log"));
    const { bmcs, faults, warnings } = readVsbmcFolder(folder, "/nonexistent");
    assert.deepEqual(bmcs, [
      {
        vm_name: "lab-01",
        username: "admin",
        password: "50%;x",
        address: "::",
        viserver: "vc",
        viserver_username: "user",
        viserver_password: "pass",
        port: 6231,
        active: true,
      },
      { vm_name: "old", username: "u", password: "p", port: 6232, other: { rack: "4 % full" } },
      { name: "site-a", vm_name: "esx01", username: "u", password: "p", port: 6234 },
    ]);
    assert.equal(faults.length, 2);
    assert.match(faults[0] ?? "", /broken\/config is not imported: /);
    assert.match(faults[1] ?? "", /portless\/config is not imported: port must be a number$/);
    assert.deepEqual(warnings.length, 1);
    assert.match(warnings[0] ?? "", /foreign\/config is skipped: it belongs to OpenStack's virtualbmc$/);
  });

  test("that is vbmcd's own, or none, is refused with the reason", () => {
    assert.throws(() => readVsbmcFolder(folder, folder), /is the config_dir of vbmcd, .*; see vbmc list$/);
    assert.throws(() => readVsbmcFolder("/nonexistent", folder), /^CliError: \/nonexistent is not a folder$/);
  });
});

/** Our tables of messages and privileges against the registries of DMTF that they are made of. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { eventMessages, eventRegistries } from "../../../src/protocol/redfish/events/eventMessages.js";
import { baseMessages, baseRegistry } from "../../../src/protocol/redfish/messages.js";
import { entities, privileges } from "../../../src/protocol/redfish/privileges.js";
import { registry } from "../../support/redfishSchemas.js";

test("every message is as the Base registry has it", () => {
  const { Messages, RegistryPrefix, RegistryVersion } = registry("Base.1.22.1");
  assert.deepEqual([RegistryPrefix, RegistryVersion], [baseRegistry.prefix, baseRegistry.version]);
  for (const [name, [severity, text, resolution]] of Object.entries(baseMessages)) {
    const official = Messages[name];
    assert.deepEqual(
      [official?.["MessageSeverity"], official?.["Message"], official?.["Resolution"]],
      [severity, text, resolution],
      name,
    );
  }
});

test("every message of an event is as its registry has it", () => {
  for (const [name, [prefix, severity, text]] of Object.entries(eventMessages)) {
    const { Messages } = registry(`${prefix}.${eventRegistries[prefix].version}`);
    assert.deepEqual([Messages[name]?.["MessageSeverity"], Messages[name]?.["Message"]], [severity, text], name);
  }
});

type OperationMap = Readonly<Record<string, readonly { readonly Privilege: readonly string[] }[]>>;

interface Mapping {
  readonly Entity: string;
  readonly OperationMap: OperationMap;
  readonly SubordinateOverrides?: readonly {
    readonly Targets: readonly string[];
    readonly OperationMap: OperationMap;
  }[];
}

const mappings = registry("Redfish_1.8.0_PrivilegeRegistry")["Mappings"] as unknown as readonly Mapping[];

/** What the registry has under another name than ours. */
const official: Readonly<Record<string, { readonly entity: string; readonly below?: string }>> = {
  ManagerEthernetInterface: { entity: "EthernetInterface", below: "Manager" },
  SystemPart: { entity: "LogEntry", below: "ComputerSystem" },
  ChassisPart: { entity: "Sensor" },
  ManagerLog: { entity: "LogEntry" },
};

/** What a role may do beyond the registry. */
const widened: Readonly<Record<string, readonly string[]>> = {
  VirtualMediaCollection: ["ConfigureComponents"],
  VirtualMedia: ["ConfigureComponents"],
};

function operationsOf(name: string): OperationMap {
  const { entity, below } = official[name] ?? { entity: name };
  const mapping = mappings.find(({ Entity }) => Entity === entity);
  assert.ok(mapping, `the registry has ${entity}`);
  const override = mapping.SubordinateOverrides?.find(({ Targets }) => Targets[0] === below);
  return { ...mapping.OperationMap, ...(below !== undefined && override?.OperationMap) };
}

for (const [name, { read, change }] of Object.entries(entities)) {
  test(`privileges for ${name} are those of the privilege registry`, () => {
    const operations = operationsOf(name);
    const any = (method: string): string[] => (operations[method] ?? []).flatMap(({ Privilege }) => Privilege);
    // The root is for everybody; everything else that can be read takes one of these.
    assert.deepEqual(
      any("GET").filter((privilege) => privilege !== "NoAuth"),
      read,
    );
    const method = name === "SessionCollection" ? "POST" : "DELETE";
    assert.deepEqual([...any(method), ...(widened[name] ?? [])], change);
  });
}

test("privileges are those that the registry uses", () => {
  const used = registry("Redfish_1.8.0_PrivilegeRegistry")["PrivilegesUsed"] as unknown as readonly string[];
  assert.deepEqual([...used].sort(), [...privileges].sort());
});

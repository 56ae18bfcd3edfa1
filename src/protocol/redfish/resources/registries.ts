/** DSP0268 "MessageRegistryFile 1.1.5", "JsonSchemaFile 1.1.5": where messages and schemas are described. */
import { eventRegistries } from "../events/eventMessages.js";
import { jsonType } from "../exchange.js";
import { baseRegistry } from "../messages.js";
import { rootUri } from "../representation.js";
import { defineCollection, defineResource, type Document, type Resource, type ServiceFacts } from "../resource.js";
import { jsonSchemaUri, schemaName } from "../schemaFile.js";
import { biosRegistry, biosRegistryFile } from "./biosAttributes.js";

const registriesUri = `${rootUri}/Registries`;
interface Registry {
  /** Prefix of a MessageId, or the name of an attribute registry. */
  readonly name: string;
  /** Of a registry that DMTF does not publish: its text. */
  readonly own?: () => string;
}

const registries: Readonly<Record<string, Registry>> = {
  [`${baseRegistry.prefix}.${baseRegistry.version}`]: { name: baseRegistry.idPrefix },
  ...Object.fromEntries(
    Object.entries(eventRegistries).map(([prefix, { version, idPrefix }]) => [
      `${prefix}.${version}`,
      { name: idPrefix },
    ]),
  ),
  [biosRegistry.id]: { name: biosRegistry.id, own: biosRegistryFile },
};

function registryOf({ registryId = "" }: Readonly<Record<string, string>>): Registry | undefined {
  return Object.hasOwn(registries, registryId) ? registries[registryId] : undefined;
}

/** The location of the registries' texts. */
interface Files {
  readonly facts: Pick<ServiceFacts, "registryFile">;
}

const registryCollection = defineCollection<object>({
  uri: registriesUri,
  of: "MessageRegistryFile",
  name: "Message Registry Files",
  entity: "MessageRegistryFileCollection",
  ids: () => Object.keys(registries),
});

const registry = defineResource<object>({
  uri: `${registriesUri}/{registryId}`,
  type: "MessageRegistryFile.v1_1_5.MessageRegistryFile",
  entity: "MessageRegistryFile",
  has: ({ params }) => registryOf(params) !== undefined,
  read: ({ params, params: { registryId = "" } }) => ({
    Id: registryId,
    Name: `${registryId} Registry File`,
    Registry: registryOf(params)?.name,
    Languages: ["en"],
    Location: [
      {
        Language: "en",
        Uri: `${registriesUri}/${registryId}/${registryId}.json`,
        ...(registryOf(params)?.own === undefined && {
          PublicationUri: `https://redfish.dmtf.org/registries/${registryId}.json`,
        }),
      },
    ],
  }),
});

export const registryFile: Document<Files> = {
  uri: `${registriesUri}/{registryId}/{file}`,
  privilege: "Login",
  respond: async ({ params, params: { registryId = "", file = "" }, facts }) => {
    const registry = file === `${registryId}.json` ? registryOf(params) : undefined;
    const body = registry && (registry.own?.() ?? (await facts.registryFile(registryId)));
    return body === undefined ? undefined : { status: 200, headers: jsonType, body };
  },
};

export const registryResources = [registryCollection, registry];

/** @param resources all resources at the time of the request */
export function jsonSchemaResources<P extends object>(
  resources: () => readonly Pick<Resource<P>, "uri" | "type">[],
): readonly Resource<P>[] {
  const uri = `${rootUri}/JsonSchemas`;
  const typeOf = (id: string): string | undefined =>
    resources().find(({ type }) => schemaName(type).versioned === id)?.type;
  return [
    defineCollection<P>({
      uri,
      of: "JsonSchemaFile",
      name: "JSON Schema Files",
      entity: "JsonSchemaFileCollection",
      ids: () => [...new Set(resources().map(({ type }) => schemaName(type).versioned))].sort(),
    }),
    defineResource<P>({
      uri: `${uri}/{schemaId}`,
      type: "JsonSchemaFile.v1_1_5.JsonSchemaFile",
      entity: "JsonSchemaFile",
      has: ({ params }) => typeOf(params["schemaId"] ?? "") !== undefined,
      read: ({ params: { schemaId = "" } }) => {
        const type = typeOf(schemaId) ?? "";
        return {
          Id: schemaId,
          Name: `${schemaId} Schema File`,
          Schema: `#${type}`,
          Languages: ["en"],
          Location: [{ Language: "en", PublicationUri: jsonSchemaUri(type) }],
        };
      },
    }),
  ];
}

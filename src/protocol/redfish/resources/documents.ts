/** Documents that OData and DSP0266 require besides the resources: versions, the service document and the metadata. */
import { rootUri } from "../representation.js";
import type { Document, Resource } from "../resource.js";
import { csdlUri, schemaName } from "../schemaFile.js";

/** What the metadata says of a resource. */
type Named = Pick<Resource, "uri" | "type">;

const versions: Document<object> = {
  uri: "/redfish",
  respond: () => Promise.resolve({ status: 200, headers: {}, body: { v1: `${rootUri}/` } }),
};

/** @param resources all resources at the time of the request */
export function metadataDocuments<P extends object>(resources: () => readonly Named[]): readonly Document<P>[] {
  return [
    versions,
    {
      uri: `${rootUri}/odata`,
      respond: () =>
        Promise.resolve({
          status: 200,
          headers: {},
          body: { "@odata.context": `${rootUri}/$metadata`, value: serviceDocument(resources()) },
        }),
    },
    {
      uri: `${rootUri}/$metadata`,
      respond: () =>
        Promise.resolve({
          status: 200,
          headers: { "Content-Type": "application/xml; charset=utf-8" },
          body: metadata(resources()),
        }),
    },
  ];
}

/** The top-level resources. */
function serviceDocument(resources: readonly Named[]) {
  const uris = resources.map(({ uri }) => uri).filter((uri) => /^\/redfish\/v1\/[^/{]+$/.test(uri));
  return [
    { name: "Service", kind: "Singleton", url: `${rootUri}/` },
    ...uris.map((uri) => ({ name: uri.slice(rootUri.length + 1), kind: "Singleton", url: uri })),
  ];
}

/** Types that occur only inside resources. */
const alsoUsed = ["Message.v1_3_0.Message"];

function metadata(resources: readonly Named[]): string {
  const types = [...new Set([...resources.map(({ type }) => type), ...alsoUsed])].sort();
  const root = schemaName(resources.find(({ uri }) => uri === rootUri)?.type ?? "").versioned;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">',
    ...types.map(reference),
    ...extensions,
    "  <edmx:DataServices>",
    '    <Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="Service">',
    `      <EntityContainer Name="Service" Extends="${root}.ServiceContainer"/>`,
    "    </Schema>",
    "  </edmx:DataServices>",
    "</edmx:Edmx>",
    "",
  ].join("\n");
}

function reference(type: string): string {
  const { namespace, versioned } = schemaName(type);
  return [
    `  <edmx:Reference Uri="${csdlUri(type)}">`,
    `    <edmx:Include Namespace="${namespace}"/>`,
    ...(versioned === namespace ? [] : [`    <edmx:Include Namespace="${versioned}"/>`]),
    "  </edmx:Reference>",
  ].join("\n");
}

const extensions = [
  '  <edmx:Reference Uri="http://redfish.dmtf.org/schemas/v1/RedfishExtensions_v1.xml">',
  '    <edmx:Include Namespace="RedfishExtensions.v1_0_0" Alias="Redfish"/>',
  "  </edmx:Reference>",
];

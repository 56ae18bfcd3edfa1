/**
 * A small WSDL of vim25: only the operations that a BMC needs, and the response types with arrays. Loading the full one
 * takes 0.7 s and 100 MB. Parameters are in the order of the vSphere API, which vCenter requires.
 */

type Parameter = readonly [name: string, type: string, occurs?: "many" | "optional"];

const moRef = "vim25:ManagedObjectReference";
const anything = "xsd:anyType";

interface Operation {
  readonly parameters: readonly Parameter[];
  readonly returns?: string;
}

const task: Operation = { parameters: [], returns: moRef };
const plain: Operation = { parameters: [] };

const operations: Readonly<Record<string, Operation>> = {
  RetrieveServiceContent: { parameters: [], returns: anything },
  Login: {
    parameters: [
      ["userName", "xsd:string"],
      ["password", "xsd:string"],
    ],
    returns: anything,
  },
  Logout: plain,
  CurrentTime: { parameters: [], returns: "xsd:dateTime" },
  CreateContainerView: {
    parameters: [
      ["container", moRef],
      ["type", "xsd:string", "many"],
      ["recursive", "xsd:boolean"],
    ],
    returns: moRef,
  },
  DestroyView: plain,
  CreateListView: { parameters: [["obj", moRef, "many"]], returns: moRef },
  ModifyListView: {
    parameters: [
      ["add", moRef, "many"],
      ["remove", moRef, "many"],
    ],
    returns: anything,
  },
  RetrievePropertiesEx: {
    parameters: [
      ["specSet", anything, "many"],
      ["options", anything],
    ],
    returns: "vim25:RetrieveResult",
  },
  ContinueRetrievePropertiesEx: { parameters: [["token", "xsd:string"]], returns: "vim25:RetrieveResult" },
  CreateFilter: {
    parameters: [
      ["spec", anything],
      ["partialUpdates", "xsd:boolean"],
    ],
    returns: moRef,
  },
  DestroyPropertyFilter: plain,
  CreatePropertyCollector: { parameters: [], returns: moRef },
  DestroyPropertyCollector: plain,
  WaitForUpdatesEx: {
    parameters: [
      ["version", "xsd:string"],
      ["options", anything, "optional"],
    ],
    returns: "vim25:UpdateSet",
  },
  CancelWaitForUpdates: plain,
  FindByUuid: {
    parameters: [
      ["datacenter", moRef, "optional"],
      ["uuid", "xsd:string"],
      ["vmSearch", "xsd:boolean"],
      ["instanceUuid", "xsd:boolean", "optional"],
    ],
    returns: moRef,
  },
  FindByInventoryPath: { parameters: [["inventoryPath", "xsd:string"]], returns: moRef },
  HasPrivilegeOnEntities: {
    parameters: [
      ["entity", moRef, "many"],
      ["sessionId", "xsd:string"],
      ["privId", "xsd:string", "many"],
    ],
    returns: anything,
  },
  PowerOnVM_Task: task,
  PowerOffVM_Task: task,
  ResetVM_Task: task,
  ShutdownGuest: plain,
  RebootGuest: plain,
  AnswerVM: {
    parameters: [
      ["questionId", "xsd:string"],
      ["answerChoice", "xsd:string"],
    ],
  },
  ReconfigVM_Task: { parameters: [["spec", anything]], returns: moRef },
  SendNMI: plain,
  QueryPerf: { parameters: [["querySpec", anything, "many"]], returns: anything },
  MakeDirectory: {
    parameters: [
      ["name", "xsd:string"],
      ["datacenter", moRef, "optional"],
      ["createParentDirectories", "xsd:boolean", "optional"],
    ],
  },
  DeleteDatastoreFile_Task: {
    parameters: [
      ["name", "xsd:string"],
      ["datacenter", moRef, "optional"],
    ],
    returns: moRef,
  },
  SearchDatastore_Task: {
    parameters: [
      ["datastorePath", "xsd:string"],
      ["searchSpec", anything, "optional"],
    ],
    returns: moRef,
  },
  AcquireGenericServiceTicket: { parameters: [["spec", anything]], returns: anything },
};

/** Types whose arrays would be parsed as a single object if they have one element. */
const types: Readonly<Record<string, readonly Parameter[]>> = {
  RetrieveResult: [
    ["token", "xsd:string", "optional"],
    ["objects", "vim25:ObjectContent", "many"],
  ],
  ObjectContent: [
    ["obj", moRef],
    ["propSet", "vim25:DynamicProperty", "many"],
    ["missingSet", "vim25:MissingProperty", "many"],
  ],
  DynamicProperty: [
    ["name", "xsd:string"],
    ["val", anything],
  ],
  MissingProperty: [
    ["path", "xsd:string"],
    ["fault", anything],
  ],
  UpdateSet: [
    ["version", "xsd:string"],
    ["filterSet", "vim25:PropertyFilterUpdate", "many"],
    ["truncated", "xsd:boolean", "optional"],
  ],
  PropertyFilterUpdate: [
    ["filter", moRef],
    ["objectSet", "vim25:ObjectUpdate", "many"],
  ],
  ObjectUpdate: [
    ["kind", "xsd:string"],
    ["obj", moRef],
    ["changeSet", "vim25:PropertyChange", "many"],
    ["missingSet", "vim25:MissingProperty", "many"],
  ],
  PropertyChange: [
    ["name", "xsd:string"],
    ["op", "xsd:string"],
    ["val", anything, "optional"],
  ],
};

/** The WSDL document for `soap`. */
export function vimWsdl(): string {
  const names = Object.keys(operations);
  return `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:vim25="urn:vim25" targetNamespace="urn:vim25">
<types><schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:vim25" elementFormDefault="qualified">
<complexType name="ManagedObjectReference"><simpleContent><extension base="xsd:string">
  <attribute name="type" type="xsd:string"/></extension></simpleContent></complexType>
${Object.entries(types)
  .map(([name, fields]) => complexType(name, fields))
  .join("\n")}
${Object.entries(operations)
  .map(([name, operation]) => elementsOf(name, operation))
  .join("\n")}
</schema></types>
${names.map((name) => message(name, name) + message(`${name}Response`, `${name}Response`)).join("\n")}
<portType name="VimPortType">${names.map(portOperation).join("\n")}</portType>
<binding name="VimBinding" type="vim25:VimPortType">
<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
${names.map(bindingOperation).join("\n")}</binding>
<service name="VimService"><port name="VimPort" binding="vim25:VimBinding"><soap:address location="urn:unused"/></port></service>
</definitions>`;
}

function complexType(name: string, fields: readonly Parameter[]): string {
  return `<complexType name="${name}"><sequence>${fields.map(element).join("")}</sequence></complexType>`;
}

function element([name, type, occurs]: Parameter): string {
  const bounds = { many: ' minOccurs="0" maxOccurs="unbounded"', optional: ' minOccurs="0"' };
  return `<element name="${name}" type="${type}"${occurs ? bounds[occurs] : ""}/>`;
}

function elementsOf(name: string, { parameters, returns }: Operation): string {
  const request = complexType(`${name}RequestType`, [["_this", moRef], ...parameters]);
  const returned: readonly Parameter[] = returns === undefined ? [] : [["returnval", returns, "optional"]];
  return `${request}<element name="${name}" type="vim25:${name}RequestType"/>
<element name="${name}Response"><complexType><sequence>${returned.map(element).join("")}</sequence></complexType></element>`;
}

function message(name: string, elementName: string): string {
  return `<message name="${name}Msg"><part name="parameters" element="vim25:${elementName}"/></message>`;
}

function portOperation(name: string): string {
  return `<operation name="${name}"><input message="vim25:${name}Msg"/><output message="vim25:${name}ResponseMsg"/></operation>`;
}

function bindingOperation(name: string): string {
  return `<operation name="${name}"><soap:operation soapAction="urn:vim25/6.5" style="document"/>
<input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>`;
}

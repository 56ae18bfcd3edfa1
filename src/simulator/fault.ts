/** vim25 faults, as methods throw them and as they go on the wire. */
import { structure, type Value } from "./value.js";
import { encodeValue, escapeXml } from "./xml.js";

type Fields = Readonly<Record<string, Value | undefined>>;

export class Fault extends Error {
  override readonly name = "Fault";

  constructor(
    /** vim25 type name, e.g. `InvalidPowerState`. */
    readonly type: string,
    message: string,
    readonly fields: Fields = {},
  ) {
    super(message);
  }
}

/** The body of an HTTP 500 answer. */
export function encodeFault({ type, message, fields }: Fault, xsi: string): string {
  const detail = encodeValue(`${type}Fault`, structure(type, fields), xsi);
  return (
    `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>${escapeXml(message)}</faultstring>` +
    `<detail>${detail.replace(`<${type}Fault `, `<${type}Fault xmlns="urn:vim25" `)}</detail></soapenv:Fault>`
  );
}

/** A fault as a value: a task's error, or why a property is missing (LocalizedMethodFault). */
export function localized({ type, message, fields }: Fault): Value {
  return structure("LocalizedMethodFault", {
    fault: structure(type, fields),
    localizedMessage: { kind: "text", type: "xsd:string", text: message },
  });
}

/** Throws InvalidArgument-like SOAP faults for what vCenter's parser refuses. */
export function malformed(message: string): Fault {
  return new Fault("InvalidRequest", message);
}

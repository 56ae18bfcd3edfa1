/** POST /sdk: from a SOAP envelope to the method and back, with cookies, faults and whatever the rules demand. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { noPermission, requirePrivilege } from "./authorization.js";
import { argument, type Call, type Returned, type Service } from "./call.js";
import { encodeFault, Fault, malformed } from "./fault.js";
import { encodeReturned, methods, publicMethods } from "./methods.js";
import { misbehave, sendUnavailable } from "./misbehaviour.js";
import { userSession } from "./ownSession.js";
import type { Restoration, Rules } from "./rules.js";
import { checkOrder, checkValue } from "./schema.js";
import { decodeReference } from "./selection.js";
import type { Session } from "./sessions.js";
import { child, type Element, parseXml } from "./xml.js";

export interface SoapEndpoint {
  readonly handle: (request: IncomingMessage, response: ServerResponse, body: string) => Promise<void>;
}

export interface SoapEndpointOptions {
  readonly service: Service;
  readonly rules: Rules;
  readonly onCall: (method: string) => void;
  readonly restore: (restoration: Restoration) => void;
  /** Maximum open sessions; beyond it a login gets HTTP 503. */
  readonly sessionLimit: () => number;
  /** Blank lines around the body's content, as some servers send. */
  readonly padding: () => string;
}

const cookieName = "vmware_soap_session";

export function createSoapEndpoint(options: SoapEndpointOptions): SoapEndpoint {
  const { service, rules, onCall } = options;

  async function handle(httpRequest: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const request = child(parseXml(body), "Body")?.children[0];
    const method = request?.name ?? "unparsable";
    onCall(method);
    for (const misbehaviour of rules.take(method)) {
      if (await misbehave(misbehaviour, response, { later: service.later, restore: options.restore, sendFault })) {
        return;
      }
    }
    try {
      if (!request) {
        throw malformed("The request is no SOAP envelope with a method in its body");
      }
      const session = service.sessions.find(cookieOf(httpRequest));
      if (method === "Login" && service.sessions.count() >= options.sessionLimit()) {
        sendUnavailable(response);
        return;
      }
      const content =
        method === "Login" ? login(service, request, session, httpRequest, response) : await call(request, session);
      send(response, 200, `<${method}Response xmlns="urn:vim25">${content}</${method}Response>`);
    } catch (error) {
      const fault = error instanceof Fault ? error : new Fault("SystemError", String(error));
      sendFault(response, fault);
    }
  }

  function sendFault(response: ServerResponse, fault: Fault): void {
    send(response, 500, encodeFault(fault, service.xsi()));
  }

  async function call(request: Element, session: Session | undefined): Promise<string> {
    const target = decodeReference(child(request, "_this"));
    const open = publicMethods[request.name];
    if (open) {
      check(request, open);
      return encodeReturned(open.run({ target, request, service }), service.xsi());
    }
    const method = methods[request.name];
    if (!method) {
      throw new Fault("MethodNotFound", `The method ${request.name} does not exist here`);
    }
    if (!session) {
      throw new Fault("NotAuthenticated", "The session is not authenticated.");
    }
    check(request, method);
    const context: Call = { target, request, session, service };
    requirePrivilege(request.name, context);
    const returned: Returned = await method.run(context);
    return encodeReturned(returned, service.xsi());
  }

  function send(response: ServerResponse, status: number, content: string): void {
    const xsi = service.xsi();
    const padding = options.padding();
    response.writeHead(status, { "Content-Type": "text/xml; charset=utf-8" });
    response.end(
      `<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"` +
        ` xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:${xsi}="http://www.w3.org/2001/XMLSchema-instance">` +
        `${padding}<soapenv:Body>${padding}${content}${padding}</soapenv:Body>${padding}</soapenv:Envelope>`,
    );
  }

  return { handle };
}

function login(
  service: Service,
  request: Element,
  session: Session | undefined,
  { headers }: IncomingMessage,
  response: ServerResponse,
): string {
  checkOrder(request, ["_this", "userName", "password", "locale"], "Login");
  if (session) {
    throw new Fault("InvalidLogin", "Cannot complete login: this session is logged in already.");
  }
  if (service.isLockedDown()) {
    throw noPermission(service.inventory.rootFolder, "System.View");
  }
  const context = { request } as Call;
  const [username, password] = [argument(context, "userName").text, argument(context, "password").text];
  const opened = service.sessions.login(username, password, headers["user-agent"] ?? "");
  // The quotes are part of the value, as vCenter's are.
  response.setHeader("Set-Cookie", `${cookieName}="${opened.cookie}"; Path=/; HttpOnly; Secure`);
  return encodeReturned(userSession(opened), service.xsi());
}

function check(
  request: Element,
  { parameters, types }: { parameters: readonly string[]; types?: Readonly<Record<string, string>> },
): void {
  checkOrder(request, ["_this", ...parameters], request.name);
  for (const value of request.children) {
    checkValue(value, types?.[value.name] ?? (value.name === "specSet" ? "PropertyFilterSpec" : "none"));
  }
}

/** Of the session that a request belongs to. */
export function cookieOf({ headers }: IncomingMessage): string | undefined {
  return new RegExp(`${cookieName}="?([0-9a-f]+)"?`).exec(headers.cookie ?? "")?.[1];
}

/** SOAP calls and requests for files as no client library makes them, to try what a vSphere server answers. */
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";

import { until } from "./patience.js";

export interface HttpAnswer {
  /** 0: the connection ended without an answer. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface SoapCalls {
  /** The session's, as in a Cookie header. */
  readonly cookie: string;
  readonly call: (method: string, target: readonly [type: string, id: string], args?: string) => Promise<HttpAnswer>;
  /** Begins a task, and gives its info once it has ended, or the answer that refuses it. */
  readonly task: (method: string, target: readonly [type: string, id: string], args?: string) => Promise<string>;
}

export function send(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>> = {},
  body?: Buffer | string,
): Promise<HttpAnswer> {
  return new Promise((resolve) => {
    const sent = request(url, { method, headers, rejectUnauthorized: false, agent: false }, (response) => {
      let text = "";
      const finish = (): void => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.once("end", finish).once("error", finish);
    });
    // After an answer that came early it is of no interest that the rest could not be sent.
    sent.on("error", () => resolve({ status: 0, headers: {}, body: "" }));
    sent.end(body);
  });
}

export async function openSoapCalls(
  url: string,
  { username, password }: { readonly username: string; readonly password: string },
): Promise<SoapCalls> {
  const post = (content: string, headers: Readonly<Record<string, string>> = {}): Promise<HttpAnswer> =>
    send(url, "POST", headers, envelope(content));
  const credentials = `<userName>${username}</userName><password>${password}</password>`;
  const login = await post(element("Login", ["SessionManager", "SessionManager"], credentials));
  const cookie = login.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
  const call: SoapCalls["call"] = (method, target, args = "") =>
    post(element(method, target, args), { Cookie: cookie });
  return {
    cookie,
    call,
    task: async (method, target, args) => {
      const started = await call(method, target, args);
      const id = /<returnval type="Task"[^>]*>([^<]+)</.exec(started.body)?.[1];
      if (id === undefined) {
        return started.body;
      }
      return until(`${method} ends`, async () => {
        const { body } = await call("Fetch", ["Task", id], "<prop>info</prop>");
        return />(success|error)<\/state>/.test(body) && body;
      });
    },
  };
}

function envelope(content: string): string {
  return (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
    `<s:Body>${content}</s:Body></s:Envelope>`
  );
}

function element(method: string, [type, id]: readonly [string, string], args: string): string {
  return `<${method} xmlns="urn:vim25"><_this type="${type}">${id}</_this>${args}</${method}>`;
}

import type { ControlResponse, TrustRequest } from "../../control/messages.js";
import { toRoute } from "../supervisor/desiredBmc.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { notFound } from "./names.js";

/** Shorter than any client waits, ms; a connection that takes longer will not succeed. */
const boundMs = 4_500;

/** `vbmc trust NAME`: lets the link of the BMC's account store the certificate that its server shows now. */
export async function trustCertificate(request: TrustRequest, supervisor: Supervisor): Promise<ControlResponse> {
  const { vm_name: name, fingerprint } = request;
  const entry = supervisor.store.read(name);
  if (entry === undefined) {
    return { rc: 1, msg: [notFound(name, supervisor)] };
  }
  if ("fault" in entry) {
    return { rc: 1, msg: [`${name} cannot be read: ${entry.fault}`] };
  }
  const route = toRoute(entry.bmc, supervisor.store.folder(name), supervisor.config);
  if (!("key" in route)) {
    return { rc: 1, msg: [route.reason] };
  }
  const question = { name: "trust" as const, ...(fingerprint === undefined ? {} : { fingerprint }) };
  const answer = await supervisor.ask(route, question, boundMs);
  if (!answer.ok) {
    return { rc: 1, msg: [answer.message] };
  }
  const { trusted, former = null } = "trusted" in answer ? answer : {};
  const rows = [
    ["viserver", route.configuration.viserver],
    ["fingerprint", trusted ?? null],
    ["former", former],
  ];
  return { rc: 0, header: ["Property", "Value"], rows };
}

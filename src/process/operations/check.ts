/** `vbmc check`: goes through all that a BMC needs, step by step. */
import path from "node:path";

import { createLimiter } from "../../base/async/limiter.js";
import type { CheckRequest } from "../../control/messages.js";
import { flagProblems } from "../../settings/store/bmcKeys.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";
import { accountSteps, type StepStatus } from "../ipc/question.js";
import { type LinkRoute, toRoute } from "../supervisor/desiredBmc.js";
import { statusOf } from "../supervisor/status.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { consoleStep } from "./consoleCheck.js";
import type { LoginOutcome } from "./loginCheck.js";
import { notFound } from "./names.js";

export interface CheckStep {
  readonly step: string;
  readonly status: StepStatus;
  readonly detail: string;
}

const startTimeoutMs = 5_000;
/** Maximum concurrent logins. */
const loginsAtOnce = 16;

export interface CheckedBmc {
  readonly name: string;
  readonly steps: readonly CheckStep[];
}

/** `vbmc check [NAME…]`: the steps of each BMC, in their order. */
export async function checkBmcs(request: CheckRequest, supervisor: Supervisor): Promise<readonly CheckedBmc[]> {
  const isForAll = request.vm_names.length === 0;
  const names = isForAll ? [...supervisor.store.list().keys()].sort() : [...new Set(request.vm_names)];
  // One that is starting, or is being retried, will be ready soon.
  await Promise.all(
    names.map(async (name) => {
      if (supervisor.running.get(name)?.state === "starting") {
        await supervisor.whenUp(name, startTimeoutMs);
      }
    }),
  );
  const bmcChecks = names.map((name) => checkBmc(name, isForAll, supervisor));
  const bmcs = bmcChecks.flatMap(({ bmc }) => bmc ?? []);
  const [logins, accounts, consoles] = await Promise.all([
    checkLogins(bmcs, supervisor),
    checkAccounts(bmcs, request.timeout_ms, supervisor),
    checkConsoles(bmcs, request.timeout_ms, supervisor),
  ]);
  return bmcChecks.map(({ name, steps }) => ({
    name,
    steps: [...steps, ...(logins.get(name) ?? []), ...(accounts.get(name) ?? []), ...(consoles.get(name) ?? [])],
  }));
}

interface BmcCheck {
  readonly name: string;
  /** What its file and its process say. */
  readonly steps: readonly CheckStep[];
  /** When there is more to look at. */
  readonly bmc?: StoredBmc;
}

function checkBmc(name: string, mayBeStopped: boolean, supervisor: Supervisor): BmcCheck {
  const entry = supervisor.store.read(name);
  const step = "configuration";
  if (entry === undefined) {
    return { name, steps: [{ step, status: "failed", detail: `${notFound(name, supervisor)}; vbmc list shows all` }] };
  }
  if ("fault" in entry) {
    return { name, steps: [{ step, status: "failed", detail: `${entry.fault}: correct the file` }] };
  }
  const { bmc } = entry;
  const configuration = configurationStep(bmc, supervisor);
  if (!bmc.active && mayBeStopped) {
    return {
      name,
      steps: [configuration, { step: "port", status: "skipped", detail: `stopped; ${startCommand(name)}` }],
    };
  }
  return { name, steps: [configuration, portStep(bmc, supervisor)], bmc };
}

function configurationStep({ name, values }: StoredBmc, { store }: Supervisor): CheckStep {
  const step = "configuration";
  const file = path.join(store.folder(name), "config");
  const fault = store.keepingFault(name);
  const problems = [
    ...flagProblems(values).map((text) => `${file}: ${text}`),
    ...(fault === undefined ? [] : [`${fault}: changes to the BMC's data will be lost when its process ends`]),
  ];
  return problems.length === 0
    ? { step, status: "ok", detail: file }
    : { step, status: "warning", detail: problems.join("; ") };
}

function startCommand(name: string): string {
  return `start it with vbmc start ${name}`;
}

function portStep(bmc: StoredBmc, supervisor: Supervisor): CheckStep {
  const step = "port";
  const redfish = bmc.redfishPort === undefined ? "" : `, Redfish port ${bmc.redfishPort}`;
  const where = `${bmc.address} port ${bmc.port}${redfish}`;
  const { status, reason = "" } = statusOf(bmc.name, { bmc }, supervisor);
  switch (status) {
    case "running":
      return { step, status: "ok", detail: where };
    case "down":
      return { step, status: "failed", detail: `it is not running: ${startCommand(bmc.name)}` };
    case "starting":
      return { step, status: "failed", detail: "it is still starting: check again" };
    case "error":
      return { step, status: "failed", detail: `${where}: ${reason}; vbmc set ${bmc.name} changes address and port` };
  }
}

async function checkLogins(bmcs: readonly StoredBmc[], supervisor: Supervisor): Promise<Map<string, CheckStep[]>> {
  const limiter = createLimiter(loginsAtOnce);
  const steps = new Map<string, CheckStep[]>();
  const checks = bmcs.map((bmc) =>
    limiter.run(async () => {
      steps.set(bmc.name, await loginSteps(bmc, supervisor));
    }),
  );
  await Promise.all(checks);
  return steps;
}

async function checkConsoles(
  bmcs: readonly StoredBmc[],
  timeoutMs: number,
  supervisor: Supervisor,
): Promise<Map<string, CheckStep[]>> {
  const limiter = createLimiter(loginsAtOnce);
  const checks = bmcs.map((bmc) =>
    limiter.run(async () => [bmc.name, await consoleStep(bmc, timeoutMs, supervisor)] as const),
  );
  const steps = await Promise.all(checks);
  return new Map(steps.flatMap(([name, step]) => (step === undefined ? [] : [[name, [step]] as const])));
}

/** Over each protocol that the BMC speaks. */
async function loginSteps(bmc: StoredBmc, { running, config, redfishFingerprint }: Supervisor): Promise<CheckStep[]> {
  const { redfishPort } = bmc;
  const { checkLogin } = await import("./loginCheck.js");
  const { checkRedfishLogin } = await import("./redfishLoginCheck.js");
  const logins: readonly (readonly [string, () => Promise<LoginOutcome>])[] = [
    ["IPMI login", () => checkLogin(bmc, config.ipmi.cipherSuites)],
    ...(redfishPort === undefined
      ? []
      : [["Redfish login", () => checkRedfishLogin(bmc, redfishPort, redfishFingerprint)] as const]),
  ];
  if (running.get(bmc.name)?.state !== "running") {
    return logins.map(([step]) => ({ step, status: "skipped", detail: "not checked: port failed" }));
  }
  const steps: CheckStep[] = [];
  for (const [step, login] of logins) {
    const { ok, detail } = await login();
    steps.push({ step, status: ok ? "ok" : "failed", detail });
  }
  return steps;
}

/** Each vSphere account is queried once for all its VMs. */
async function checkAccounts(
  bmcs: readonly StoredBmc[],
  timeoutMs: number,
  supervisor: Supervisor,
): Promise<Map<string, readonly CheckStep[]>> {
  const steps = new Map<string, readonly CheckStep[]>();
  const groups = new Map<string, LinkRoute[]>();
  for (const bmc of bmcs) {
    const route = toRoute(bmc, supervisor.store.folder(bmc.name), supervisor.config);
    if ("key" in route) {
      groups.set(route.key, [...(groups.get(route.key) ?? []), route]);
    } else {
      steps.set(bmc.name, failedAtOnce(route.reason));
    }
  }
  const questions = [...groups.values()].map(async (routes) => {
    const [account] = routes;
    if (account === undefined) {
      return;
    }
    const machines = routes.map(({ machine }) => machine);
    const answer = await supervisor.ask(account, { name: "diagnose", machines }, timeoutMs);
    for (const { vmName } of machines) {
      if (!answer.ok) {
        steps.set(vmName, failedAtOnce(answer.message));
      }
    }
    if ("diagnoses" in answer) {
      for (const { vmName, steps: own } of answer.diagnoses) {
        steps.set(vmName, own);
      }
    }
  });
  await Promise.all(questions);
  return steps;
}

function failedAtOnce(detail: string): CheckStep[] {
  const [first, ...others] = accountSteps;
  const skipped = others.map((step): CheckStep => ({
    step,
    status: "skipped",
    detail: `not checked: ${first} failed`,
  }));
  return [{ step: first, status: "failed", detail }, ...skipped];
}

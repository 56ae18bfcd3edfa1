/** POST of an action: answered with its result, or with a task when that takes longer than clients wait. */
import { mayChange, requireAccess } from "./access.js";
import { checkParameters } from "./actions.js";
import { checksOf, wordsOf } from "./changeWords.js";
import type { OnChange } from "./changing.js";
import type { RedfishRequest, RedfishResponse } from "./exchange.js";
import type { JsonObject } from "./json.js";
import { readBody } from "./requestBody.js";
import type { CommonParts, Resource, Visit } from "./resource.js";
import { taskAccepted } from "./tasks.js";

export interface ActingOptions {
  readonly taskAfterMs: number;
  readonly toFailure: (error: unknown) => RedfishResponse;
}

/** If-Match has no say here: MAAS and gofish send an ETag from before. */
export async function act<P extends CommonParts>(
  resource: Resource<P>,
  name: string,
  request: RedfishRequest,
  visit: Visit<P>,
  onChange: OnChange,
  { taskAfterMs, toFailure }: ActingOptions,
): Promise<RedfishResponse> {
  requireAccess(mayChange(resource, visit));
  const action = resource.actions?.[name];
  if (!action) {
    throw new Error(`${resource.uri} has no action ${name}`);
  }
  const parameters = checkParameters(readBody(request), action.parameters, name);
  onChange([name, wordsOf(parameters, checksOf(action.parameters))].filter((words) => words !== "").join(" "));
  const work = action.run(parameters, visit).then(toSuccess, toFailure);
  const result = /\brespond-async\b/i.test(request.headers["prefer"] ?? "")
    ? undefined
    : await withinBound(work, visit, taskAfterMs);
  return result ?? taskAccepted(visit.tasks.begin(name, visit.principal?.userId ?? 0, work));
}

function toSuccess(body: JsonObject | undefined): RedfishResponse {
  return body ? { status: 200, headers: {}, body } : { status: 204, headers: {} };
}

function withinBound<P extends CommonParts>(
  work: Promise<RedfishResponse>,
  { timers }: Visit<P>,
  boundMs: number,
): Promise<RedfishResponse | undefined> {
  return new Promise((resolve) => {
    const cancel = timers.after(boundMs, () => resolve(undefined));
    void work.then((result) => {
      cancel();
      resolve(result);
    });
  });
}

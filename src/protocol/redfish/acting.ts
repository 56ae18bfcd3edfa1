/** POST to an action: answered with its result, or with a task if that takes longer than clients wait. */
import { mayChange, requireAccess } from "./access.js";
import { checkParameters } from "./actions.js";
import { checksOf, wordsOf } from "./changeWords.js";
import type { OnChange } from "./changing.js";
import type { RedfishRequest, RedfishResponse } from "./exchange.js";
import type { JsonObject } from "./json.js";
import { resultOrTask } from "./longWork.js";
import { readBody } from "./requestBody.js";
import type { CommonParts, Resource, Visit } from "./resource.js";

export interface ActingOptions {
  readonly taskAfterMs: number;
  readonly toFailure: (error: unknown) => RedfishResponse;
}

/** If-Match is ignored: MAAS and gofish send an ETag read earlier. */
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
  const { percentComplete } = action;
  return resultOrTask(request, visit, {
    name,
    result: action.run(parameters, visit).then(toSuccess, toFailure),
    timeoutMs: action.taskAfterMs ?? taskAfterMs,
    percentComplete: percentComplete && (() => percentComplete(visit)),
  });
}

function toSuccess(body: JsonObject | undefined): RedfishResponse {
  return body ? { status: 200, headers: {}, body } : { status: 204, headers: {} };
}

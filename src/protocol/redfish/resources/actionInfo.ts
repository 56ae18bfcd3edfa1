/** DSP0268 "ActionInfo 1.5.0": the allowable values of an action's parameters, derived from the action. */
import { defined } from "../../../base/defined.js";
import { type JsonObject, objectOf } from "../json.js";
import { actionInfoUri } from "../representation.js";
import { type Action, type ActionParameter, defineResource, type Resource } from "../resource.js";

export function actionInfosOf(resources: readonly Resource[]): readonly Resource[] {
  return resources.flatMap((resource) =>
    Object.entries(resource.actions ?? {})
      .filter(([, { parameters }]) => Object.keys(parameters).length > 0)
      .map(([name, action]) => actionInfo(resource, name, action)),
  );
}

function actionInfo(resource: Resource, name: string, { parameters }: Action): Resource {
  const uri = actionInfoUri(resource.uri, name);
  return defineResource({
    uri,
    type: "ActionInfo.v1_5_0.ActionInfo",
    entity: "ActionInfo",
    ...defined({ has: resource.has }),
    read: () => ({
      Id: uri.slice(uri.lastIndexOf("/") + 1),
      Name: `${name} Action Info`,
      Parameters: Object.entries(parameters).map(([parameter, given]) => describe(parameter, given)),
    }),
  });
}

function describe(name: string, { isRequired, check }: ActionParameter): JsonObject {
  const { dataType, allowable, minimum, maximum } = check;
  return objectOf([
    ["Name", name],
    ["Required", isRequired === true],
    ["DataType", dataType],
    ["AllowableValues", allowable],
    ["MinimumValue", minimum],
    ["MaximumValue", maximum],
  ]);
}

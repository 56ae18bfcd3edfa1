/** `vbmc set NAME`: changes of a BMC; what is absent stays, null takes an optional value away. */
import * as v from "valibot";

const changeable = v.optional(v.string());
const removable = v.optional(v.nullable(v.string()));

export const setRequest = v.object({
  command: v.literal("set"),
  vm_name: v.string(),
  username: changeable,
  password: changeable,
  port: v.optional(v.pipe(v.number(), v.integer())),
  address: changeable,
  fakemac: removable,
  vm_uuid: removable,
  kg: removable,
  viserver: removable,
  viserver_username: removable,
  viserver_password: removable,
  viserver_thumbprint: removable,
  viserver_cafile: removable,
  viserver_insecure: v.optional(v.boolean()),
  redfish_port: v.optional(v.nullable(v.pipe(v.number(), v.integer()))),
});

export type SetRequest = v.InferOutput<typeof setRequest>;

/** Error responses of the web process. */
import type { HttpResponse } from "../../io/http/exchange.js";
import { message } from "../../protocol/redfish/messages.js";
import { errorBody } from "../../protocol/redfish/redfishError.js";

/** An error in the form of the Redfish service (DSP0266 "Error responses"), for what is not Redfish. */
export function failure(status: number, text: string): HttpResponse {
  const body = errorBody([message("GeneralError", [], { text })]);
  return { status, headers: { "Content-Type": "application/json; charset=utf-8" }, body: JSON.stringify(body) };
}

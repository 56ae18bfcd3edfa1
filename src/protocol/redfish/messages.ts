/** Messages of the Base registry that the service returns (DSP0266 "Error responses", DSP8011). */
import { defined } from "../../base/defined.js";
import type { JsonObject } from "./json.js";

/** The registry that the table comes from; a MessageId does not include its errata version. */
export const baseRegistry = { prefix: "Base", version: "1.22.1", idPrefix: "Base.1.22" } as const;

type Severity = "OK" | "Warning" | "Critical";

/** Severity, text with `%1` for the first argument, resolution: as in the registry. */
export const baseMessages = {
  ActionNotSupported: [
    "Critical",
    "The action %1 is not supported by the resource.",
    "Check the Actions property in the resource for the supported actions.",
  ],
  ActionParameterMissing: [
    "Critical",
    "The action %1 requires the parameter %2 to be present in the request body.",
    "Supply the action with the required parameter in the request body when the request is resubmitted.",
  ],
  ActionParameterUnknown: [
    "Warning",
    "The action %1 was submitted with the invalid parameter %2.",
    "Correct the invalid action parameter and resubmit the request if the operation failed.",
  ],
  ActionParameterValueConflict: [
    "Warning",
    "The parameter '%1' with the requested value of '%2' does not meet the constraints of the implementation.",
    "None.",
  ],
  ActionParameterValueFormatError: [
    "Warning",
    "The value '%1' for the parameter %2 in the action %3 is not a format that the parameter can accept.",
    "Correct the value for the parameter in the request body and resubmit the request if the operation failed.",
  ],
  ActionParameterValueNotInList: [
    "Warning",
    "The value '%1' for the parameter %2 in the action %3 is not in the list of acceptable values.",
    "Choose a value from the enumeration list that the implementation can support and resubmit the request if the operation failed.",
  ],
  ActionParameterValueOutOfRange: [
    "Warning",
    "The value '%1' for the parameter %2 in the action %3 is not in the supported range of acceptable values.",
    "Correct the value for the parameter in the request body and resubmit the request if the operation failed.",
  ],
  ActionParameterValueTypeError: [
    "Warning",
    "The value '%1' for the parameter %2 in the action %3 is not a type that the parameter can accept.",
    "Correct the value for the parameter in the request body and resubmit the request if the operation failed.",
  ],
  CreateFailedMissingReqProperties: [
    "Critical",
    "The create operation failed because the required property %1 was missing from the request.",
    "Correct the body to include the required property with a valid value and resubmit the request if the operation failed.",
  ],
  CreateLimitReachedForResource: [
    "Critical",
    "The create operation failed because the resource has reached the limit of possible resources.",
    "Either delete resources and resubmit the request if the operation failed or do not resubmit the request.",
  ],
  Created: ["OK", "The resource was created successfully.", "None."],
  GeneralError: [
    "Critical",
    "A general error has occurred.  See Resolution for information on how to resolve the error, or @Message.ExtendedInfo if Resolution is not provided.",
    "None.",
  ],
  HeaderInvalid: ["Critical", "Header '%1' is invalid.", "Resubmit the request with a valid request header."],
  InsufficientPrivilege: [
    "Critical",
    "There are insufficient privileges for the account or credentials associated with the current session to perform the requested operation.",
    "Either abandon the operation or change the associated access rights and resubmit the request if the operation failed.",
  ],
  InternalError: [
    "Critical",
    "The request failed due to an internal service error.  The service is still operational.",
    "Resubmit the request.  If the problem persists, consider resetting the service.",
  ],
  MalformedJSON: [
    "Critical",
    "The request body submitted was malformed JSON and could not be parsed by the receiving service.",
    "Ensure that the request body is valid JSON and resubmit the request.",
  ],
  NoOperation: [
    "Warning",
    "The request body submitted contain no data to act upon and no changes to the resource took place.",
    "Add properties in the JSON object and resubmit the request.",
  ],
  NoValidSession: [
    "Critical",
    "There is no valid session established with the implementation.",
    "Establish a session before attempting any operations.",
  ],
  OperationNotAllowed: ["Critical", "The HTTP method is not allowed on this resource.", "None."],
  OperationTimeout: [
    "Warning",
    "A timeout internal to the service occurred as part of the request.  Partial results may have been returned.",
    "Resubmit the request.  If the problem persists, consider resetting the service or provider.",
  ],
  PayloadTooLarge: [
    "Critical",
    "The supplied payload exceeds the maximum size supported by the service.",
    "Check that the supplied payload is correct and supported by this service.",
  ],
  PreconditionFailed: [
    "Critical",
    "The ETag supplied did not match the ETag required to change this resource.",
    "Try the operation again using the appropriate ETag.",
  ],
  PropertyNotWritable: [
    "Warning",
    "The property %1 is a read-only property and cannot be assigned a value.",
    "Remove the property from the request body and resubmit the request if the operation failed.",
  ],
  PropertyUnknown: [
    "Warning",
    "The property %1 is not in the list of valid properties for the resource.",
    "Remove the unknown property from the request body and resubmit the request if the operation failed.",
  ],
  PropertyValueConflict: [
    "Warning",
    "The property '%1' could not be written because its value would conflict with the value of the '%2' property.",
    "None.",
  ],
  PropertyValueFormatError: [
    "Warning",
    "The value '%1' for the property %2 is not a format that the property can accept.",
    "Correct the value for the property in the request body and resubmit the request if the operation failed.",
  ],
  PropertyValueNotInList: [
    "Warning",
    "The value '%1' for the property %2 is not in the list of acceptable values.",
    "Choose a value from the enumeration list that the implementation can support and resubmit the request if the operation failed.",
  ],
  PropertyValueOutOfRange: [
    "Warning",
    "The value '%1' for the property %2 is not in the supported range of acceptable values.",
    "Correct the value for the property in the request body and resubmit the request if the operation failed.",
  ],
  PropertyValueResourceConflict: [
    "Warning",
    "The property '%1' with the requested value of '%2' could not be written because the value conflicts with the state or configuration of the resource at '%3'.",
    "None.",
  ],
  PropertyValueTypeError: [
    "Warning",
    "The value '%1' for the property %2 is not a type that the property can accept.",
    "Correct the value for the property in the request body and resubmit the request if the operation failed.",
  ],
  QueryCombinationInvalid: [
    "Warning",
    "Two or more query parameters in the request cannot be used together.",
    "Remove one or more of the query parameters and resubmit the request if the operation failed.",
  ],
  QueryNotSupportedOnResource: [
    "Warning",
    "Querying is not supported on the requested resource.",
    "Remove the query parameters and resubmit the request if the operation failed.",
  ],
  QueryParameterOutOfRange: [
    "Warning",
    "The value '%1' for the query parameter %2 is out of range %3.",
    "Reduce the value for the query parameter to a value that is within range, such as a start or count value that is within bounds of the number of resources in a collection or a page number that is within the range of valid pages.",
  ],
  QueryParameterValueFormatError: [
    "Warning",
    "The value '%1' for the parameter %2 is not a format that the parameter can accept.",
    "Correct the value for the query parameter in the request and resubmit the request if the operation failed.",
  ],
  QueryParameterValueTypeError: [
    "Warning",
    "The value '%1' for the query parameter %2 is not a type that the parameter can accept.",
    "Correct the value for the query parameter in the request and resubmit the request if the operation failed.",
  ],
  ResourceAlreadyExists: [
    "Critical",
    "The requested resource of type %1 with the property %2 with the value '%3' already exists.",
    "Do not repeat the create operation as the resource was already created.",
  ],
  ResourceCannotBeDeleted: [
    "Critical",
    "The delete request failed because the resource requested cannot be deleted.",
    "Do not attempt to delete a non-deletable resource.",
  ],
  ResourceInUse: [
    "Warning",
    "The change to the requested resource failed because the resource is in use or in transition.",
    "Remove the condition and resubmit the request if the operation failed.",
  ],
  ResourceMissingAtURI: [
    "Critical",
    "The resource at the URI '%1' was not found.",
    "Place a valid resource at the URI or correct the URI and resubmit the request.",
  ],
  ServiceTemporarilyUnavailable: [
    "Critical",
    "The service is temporarily unavailable.  Retry in %1 seconds.",
    "Wait for the indicated retry duration and retry the operation.",
  ],
  Success: ["OK", "The request completed successfully.", "None."],
  UnrecognizedRequestBody: [
    "Warning",
    "The service detected a malformed request body that it was unable to interpret.",
    "Correct the request body and resubmit the request if it failed.",
  ],
} as const satisfies Readonly<Record<string, readonly [Severity, string, string]>>;

export type MessageName = keyof typeof baseMessages;

export interface MessageOptions {
  /** Replaces the registry's text: what is wrong, and what to do. */
  readonly text?: string;
  /** JSON pointers such as `#/Boot/BootSourceOverrideTarget`. */
  readonly related?: readonly string[];
}

/** Maximum length of a client's value in an error. */
const maxArgumentLength = 128;

/** An entry of `@Message.ExtendedInfo`. */
export function message(
  name: MessageName,
  args: readonly string[] = [],
  { text, related }: MessageOptions = {},
): JsonObject {
  const [severity, template, resolution] = baseMessages[name];
  const given = args.map((argument) => shortened(argument));
  return defined({
    "@odata.type": "#Message.v1_3_0.Message",
    MessageId: `${baseRegistry.idPrefix}.${name}`,
    Message: text ?? template.replaceAll(/%(\d)/g, (_, number) => given[Number(number) - 1] ?? ""),
    MessageArgs: given,
    MessageSeverity: severity,
    Resolution: resolution,
    RelatedProperties: related,
  });
}

function shortened(argument: string): string {
  return argument.length > maxArgumentLength ? `${argument.slice(0, maxArgumentLength)}…` : argument;
}

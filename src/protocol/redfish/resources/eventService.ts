/** DSP0268 "EventService 1.12.0", "EventDestination 1.16.0": subscriptions to events. */
import { boolean, type Check, integer, oneOf, orNull, text, textArray } from "../checks.js";
import { retryIntervalSeconds, tries } from "../events/deliveryQueue.js";
import { eventTypes, severities } from "../events/event.js";
import { eventRegistries } from "../events/eventMessages.js";
import {
  type HttpHeader,
  maxFilterItems,
  maxHeaders,
  maxTextLength,
  type Subscription,
} from "../events/subscription.js";
import { isJsonArray, isJsonObject, type Json, type JsonObject, link, objectOf, textOf } from "../json.js";
import { message } from "../messages.js";
import { roleOfUser } from "../privileges.js";
import { RedfishError } from "../redfishError.js";
import { rootUri } from "../representation.js";
import { type Action, defineCollection, defineResource, type Document, type Visit } from "../resource.js";

const serviceUri = `${rootUri}/EventService`;
const subscriptionsUri = `${serviceUri}/Subscriptions`;
const streamUri = `${serviceUri}/SSE`;
const resourceTypes = ["ComputerSystem", "LogEntry", "Task"];
const anyText = { maxBytes: maxTextLength } as const;
const anyTexts = textArray({ ...anyText, maxItems: maxFilterItems });

const submitTestEvent: Action = {
  parameters: {
    EventGroupId: { check: integer(0, Number.MAX_SAFE_INTEGER) },
    EventId: { check: text(anyText) },
    EventTimestamp: {
      check: text({ ...anyText, pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/ }),
    },
    EventType: { check: oneOf(eventTypes) },
    Message: { check: text(anyText) },
    MessageArgs: { check: anyTexts },
    MessageId: { isRequired: true, check: text({ ...anyText, minBytes: 1 }) },
    MessageSeverity: { check: oneOf(severities) },
    OriginOfCondition: { check: text(anyText) },
    Severity: { check: text(anyText) },
  },
  run: (parameters, { eventing, timers }) => {
    const { OriginOfCondition: origin, ...given } = parameters;
    const record: JsonObject = {
      EventType: "Other",
      EventTimestamp: new Date(timers.now()).toISOString(),
      ...given,
      ...(typeof origin === "string" && { OriginOfCondition: link(origin) }),
    };
    eventing.publish({ record, resourceType: "EventService" });
    return Promise.resolve(undefined);
  },
};

const eventService = defineResource({
  uri: serviceUri,
  type: "EventService.v1_12_0.EventService",
  entity: "EventService",
  read: () => ({
    Id: "EventService",
    Name: "Event Service",
    Status: { State: "Enabled", Health: "OK" },
    ServiceEnabled: true,
    DeliveryRetryAttempts: tries - 1,
    DeliveryRetryIntervalSeconds: retryIntervalSeconds,
    EventFormatTypes: ["Event"],
    EventTypesForSubscription: eventTypes,
    RegistryPrefixes: Object.keys(eventRegistries),
    ResourceTypes: resourceTypes,
    Severities: severities,
    SubordinateResourcesSupported: false,
    IncludeOriginOfConditionSupported: false,
    ServerSentEventUri: streamUri,
    Subscriptions: link(subscriptionsUri),
  }),
  actions: { "EventService.SubmitTestEvent": submitTestEvent },
});

/** An array of objects of names and values. */
const headersCheck: Check = {
  kind: "check",
  dataType: "Object",
  isSecret: true,
  examine: (value) => {
    const headers = headersOf(value);
    if (!headers) {
      return "type";
    }
    const isFit = headers.every(
      ({ name, value: content }) =>
        /^[\w!#$%&'*+.^`|~-]{1,64}$/.test(name) &&
        /^[\t\x20-\x7e]*$/.test(content) &&
        content.length <= maxTextLength &&
        !reservedHeaders.has(name.toLowerCase()),
    );
    return isFit && headers.length <= maxHeaders ? undefined : "format";
  },
};

/** Subscribers must not set the headers that frame a message. */
const reservedHeaders: ReadonlySet<string> = new Set([
  ...[
    "host",
    "content-length",
    "content-type",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
    "trailer",
    "expect",
  ],
]);

function headersOf(value: Json | undefined): HttpHeader[] | undefined {
  const objects = value === undefined ? [] : isJsonArray(value) ? value : [value];
  const headers: HttpHeader[] = [];
  for (const each of objects) {
    const entries = isJsonObject(each) ? Object.entries(each) : undefined;
    if (!entries?.every(([, content]) => typeof content === "string")) {
      return undefined;
    }
    headers.push(...entries.map(([name, content]) => ({ name, value: textOf(content) })));
  }
  return headers;
}

const destinations = defineCollection({
  uri: subscriptionsUri,
  of: "EventDestination",
  name: "Event Subscriptions",
  entity: "EventDestinationCollection",
  ids: ({ eventing }) => [...eventing.subscriptions(), ...eventing.streams()].map(({ id }) => String(id)),
  create: {
    properties: {
      Destination: { isRequired: true, check: text({ ...anyText, pattern: /^https?:\/\/[^\s@]+$/i }) },
      Protocol: { isRequired: true, check: oneOf(["Redfish"]) },
      Context: { check: orNull(text(anyText)) },
      SubscriptionType: { check: oneOf(["RedfishEvent"]) },
      EventFormatType: { check: oneOf(["Event"]) },
      DeliveryRetryPolicy: { check: oneOf(["RetryForever"]) },
      HttpHeaders: { check: headersCheck },
      VerifyCertificate: {
        check: boolean,
      },
      EventTypes: { check: anyTexts },
      RegistryPrefixes: { check: anyTexts },
      ResourceTypes: { check: anyTexts },
      MessageIds: { check: anyTexts },
      Severities: { check: anyTexts },
    },
    run: async (properties, { eventing, principal }) => {
      const destination = textOf(properties["Destination"]);
      requireReachable(destination, eventing.refusal(destination));
      const made = await eventing.subscribe({
        userId: principal?.userId ?? 0,
        destination,
        context: typeof properties["Context"] === "string" ? properties["Context"] : null,
        verifyCertificate: properties["VerifyCertificate"] === true,
        httpHeaders: headersOf(properties["HttpHeaders"]) ?? [],
        eventTypes: textsOf(properties["EventTypes"]),
        registryPrefixes: textsOf(properties["RegistryPrefixes"]),
        resourceTypes: textsOf(properties["ResourceTypes"]),
        messageIds: textsOf(properties["MessageIds"]),
        severities: textsOf(properties["Severities"]),
      });
      if (!made) {
        throw new RedfishError(400, [message("CreateLimitReachedForResource")]);
      }
      return { uri: `${subscriptionsUri}/${made.id}` };
    },
  },
});

function textsOf(value: Json | undefined): readonly string[] {
  return isJsonArray(value) ? value.map(textOf) : [];
}

/** Throws 400. */
function requireReachable(destination: string, refusal: string | undefined): void {
  if (refusal !== undefined) {
    const related = ["#/Destination"];
    throw new RedfishError(400, [
      message("PropertyValueFormatError", [destination, "Destination"], { text: refusal, related }),
    ]);
  }
}

const destination = defineResource({
  uri: `${subscriptionsUri}/{subscriptionId}`,
  type: "EventDestination.v1_16_0.EventDestination",
  entity: "EventDestination",
  has: (visit) => subscriptionOf(visit) !== undefined || streamOf(visit) !== undefined,
  isOwn: (visit) => (subscriptionOf(visit) ?? streamOf(visit))?.userId === visit.principal?.userId,
  read: (visit) => {
    const subscription = subscriptionOf(visit);
    return {
      Id: visit.params["subscriptionId"],
      Name: "Event Subscription",
      Protocol: "Redfish",
      EventFormatType: "Event",
      Status: { State: "Enabled", Health: "OK" },
      ...(subscription
        ? propertiesOf(subscription)
        : {
            SubscriptionType: "SSE",
            // DSP0266 "Server-sent events": an opaque string made by the service.
            Context: `sse-${visit.params["subscriptionId"] ?? ""}`,
          }),
    };
  },
  writable: { Context: orNull(text(anyText)) },
  write: async ({ Context }, { eventing, params }) => {
    await eventing.setContext(Number(params["subscriptionId"]), typeof Context === "string" ? Context : null);
  },
  selfWritable: ["Context"],
  remove: ({ eventing, params }) => eventing.unsubscribe(Number(params["subscriptionId"])),
});

function propertiesOf(subscription: Subscription): JsonObject {
  const { eventTypes: types, registryPrefixes, resourceTypes: about, messageIds, severities: weights } = subscription;
  const filters = {
    EventTypes: types,
    RegistryPrefixes: registryPrefixes,
    ResourceTypes: about,
    MessageIds: messageIds,
    Severities: weights,
  };
  return {
    SubscriptionType: "RedfishEvent",
    Destination: subscription.destination,
    Context: subscription.context,
    DeliveryRetryPolicy: "RetryForever",
    VerifyCertificate: subscription.verifyCertificate,
    HttpHeaders: [],
    ...objectOf(Object.entries(filters).filter(([, wanted]) => wanted.length > 0)),
  };
}

function subscriptionOf({ eventing, params }: Visit): Subscription | undefined {
  return eventing.subscriptions().find(({ id }) => String(id) === params["subscriptionId"]);
}

function streamOf({ eventing, params }: Visit): { readonly userId: number } | undefined {
  return eventing.streams().find(({ id }) => String(id) === params["subscriptionId"]);
}

/** Seconds. */
const retryAfter = "30";

export const eventStream: Document = {
  uri: streamUri,
  privilege: "Login",
  respond: ({ eventing, bmc, principal }) => {
    const stream = eventing.stream(principal?.userId ?? 0, () => {
      const user = principal && bmc.users.find(principal.userId);
      return (
        principal?.userId === 0 ||
        (user?.name === principal?.userName && user !== undefined && roleOfUser(user) !== undefined)
      );
    });
    if (!stream) {
      const text = "The maximum number of clients already listen to events: end one of them.";
      const error = message("ServiceTemporarilyUnavailable", [retryAfter], { text });
      return Promise.reject(new RedfishError(503, [error], { "Retry-After": retryAfter }));
    }
    return Promise.resolve({ status: 200, headers: { "Content-Type": "text/event-stream" }, body: stream });
  },
};

export const eventResources = [eventService, destinations, destination];

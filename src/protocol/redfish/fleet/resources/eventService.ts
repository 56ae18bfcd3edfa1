/** DSP0268 "EventService 1.12.0": the event stream of the fleet. */
import { severities } from "../../events/event.js";
import { eventRegistries } from "../../events/eventMessages.js";
import { message } from "../../messages.js";
import { RedfishError } from "../../redfishError.js";
import { rootUri } from "../../representation.js";
import { defineResource, type Document } from "../../resource.js";
import { callerAt, type FleetParts } from "../parts.js";

const serviceUri = `${rootUri}/EventService`;
const streamUri = `${serviceUri}/SSE`;

export const eventService = defineResource<FleetParts>({
  uri: serviceUri,
  type: "EventService.v1_12_0.EventService",
  entity: "EventService",
  read: () => ({
    Id: "EventService",
    Name: "Event Service",
    Status: { State: "Enabled", Health: "OK" },
    ServiceEnabled: true,
    EventFormatTypes: ["Event"],
    RegistryPrefixes: Object.keys(eventRegistries),
    Severities: severities,
    ServerSentEventUri: streamUri,
  }),
});

/** Seconds. */
const retryAfter = "30";

export const eventStream: Document<FleetParts> = {
  uri: streamUri,
  privilege: "Login",
  respond: ({ events, principal, sessions }) => {
    const { sessionId } = principal ?? {};
    const stream = events.open({
      sees: (name) => callerAt(name, principal) !== undefined,
      isOpen: () => sessionId === undefined || sessions.find(sessionId) !== undefined,
    });
    if (!stream) {
      const text = "The maximum number of event streams is open: close one of them.";
      const error = message("ServiceTemporarilyUnavailable", [retryAfter], { text });
      return Promise.reject(new RedfishError(503, [error], { "Retry-After": retryAfter }));
    }
    return Promise.resolve({ status: 200, headers: { "Content-Type": "text/event-stream" }, body: stream });
  },
};

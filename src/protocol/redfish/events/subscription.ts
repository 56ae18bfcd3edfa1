/** A subscription (DSP0268 "EventDestination 1.16.0"), and its stored form. */
import { boolean, type Codec, fields, integer, list, nullable, text } from "../../../base/document/codec.js";
import { textOf } from "../json.js";
import { type RedfishEvent, registryPrefixOf } from "./event.js";

export interface Subscription {
  readonly id: number;
  /** Slot of the owner's account. */
  readonly userId: number;
  /** http or https. */
  readonly destination: string;
  readonly context: string | null;
  readonly verifyCertificate: boolean;
  /** Sent with each event; they may contain passwords. */
  readonly httpHeaders: readonly HttpHeader[];
  /** An empty filter matches everything. */
  readonly eventTypes: readonly string[];
  readonly registryPrefixes: readonly string[];
  readonly resourceTypes: readonly string[];
  readonly messageIds: readonly string[];
  readonly severities: readonly string[];
}

export interface HttpHeader {
  readonly name: string;
  readonly value: string;
}

export const maxSubscriptions = 16;
export const maxHeaders = 16;
export const maxFilterItems = 32;
export const maxTextLength = 1_024;

export function isWanted(event: RedfishEvent, subscription: Subscription): boolean {
  const { record, resourceType } = event;
  const messageId = textOf(record["MessageId"]);
  const bare = messageId.split(".").at(-1) ?? "";
  const { eventTypes, registryPrefixes, resourceTypes, messageIds, severities } = subscription;
  return (
    passes(eventTypes, textOf(record["EventType"])) &&
    passes(registryPrefixes, registryPrefixOf(event)) &&
    passes(resourceTypes, resourceType) &&
    passes(severities, textOf(record["MessageSeverity"])) &&
    // Subscribers write them with or without the version of the registry.
    (messageIds.length === 0 ||
      messageIds.includes(messageId) ||
      messageIds.includes(`${registryPrefixOf(event)}.${bare}`))
  );
}

function passes(wanted: readonly string[], value: string): boolean {
  return wanted.length === 0 || wanted.includes(value);
}

const filter = list(text(maxTextLength), maxFilterItems);
const subscription: Codec<Subscription> = fields<Subscription>({
  id: integer(1, Number.MAX_SAFE_INTEGER),
  userId: integer(0, 63),
  destination: text(maxTextLength),
  context: nullable(text(maxTextLength)),
  verifyCertificate: boolean,
  httpHeaders: list(fields<HttpHeader>({ name: text(maxTextLength), value: text(maxTextLength) }), maxHeaders),
  eventTypes: filter,
  registryPrefixes: filter,
  resourceTypes: filter,
  messageIds: filter,
  severities: filter,
});

export const subscriptionsCodec: Codec<readonly Subscription[]> = list(subscription, maxSubscriptions);

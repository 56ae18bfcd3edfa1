/**
 * The event stream of the service (Server-Sent Events). By `fetch`, since EventSource cannot send the session's token in a
 * header. A lost stream is opened again; what happened meanwhile is unknown, so `onOpen` asks for everything again.
 */
import { listOf, objectOf, type RedfishClient, type Resource, textOf } from "./client.js";

export interface StreamEvents {
  readonly onOpen: () => void;
  readonly onLost: () => void;
  /** `origin`: URI of the resource that the event is about. */
  readonly onEvent: (origin: string, record: Resource) => void;
}

const firstWaitMs = 500;
const maxWaitMs = 8_000;
/** The service sends a comment every 30 s. */
const silenceMs = 75_000;

/** Returns the function that closes the stream. */
export function listen(client: RedfishClient, uri: string, events: StreamEvents): () => void {
  const closing = new AbortController();
  void keepOpen(client, uri, events, closing.signal);
  return () => closing.abort();
}

async function keepOpen(client: RedfishClient, uri: string, events: StreamEvents, closing: AbortSignal): Promise<void> {
  let waitMs = firstWaitMs;
  while (!closing.aborted) {
    try {
      await readOnce(client, uri, closing, events, () => {
        waitMs = firstWaitMs;
        events.onOpen();
      });
    } catch {
      // The stream is gone, for whatever reason.
    }
    if (closing.aborted as boolean) {
      return;
    }
    events.onLost();
    await pause(waitMs, closing);
    waitMs = Math.min(waitMs * 2, maxWaitMs);
  }
}

async function readOnce(
  client: RedfishClient,
  uri: string,
  closing: AbortSignal,
  { onEvent }: StreamEvents,
  onOpen: () => void,
): Promise<void> {
  const watchdog = new AbortController();
  const signal = AbortSignal.any([closing, watchdog.signal]);
  const response = await client.open(uri, signal);
  if (!response.ok || !response.body) {
    return;
  }
  onOpen();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  for (;;) {
    const timer = setTimeout(() => watchdog.abort(), silenceMs);
    const { done, value } = await reader.read().finally(() => clearTimeout(timer));
    if (done) {
      return;
    }
    const blocks = (pending + value).split("\n\n");
    pending = blocks.pop() ?? "";
    blocks.flatMap(recordsOf).forEach((record) => onEvent(originOf(record), record));
  }
}

/** Event records in the `data:` lines of a block. */
function recordsOf(block: string): Resource[] {
  const data = block
    .split("\n")
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice("data:".length).trim())
    .join("\n");
  try {
    return data === "" ? [] : listOf((JSON.parse(data) as Resource)["Events"]);
  } catch {
    return [];
  }
}

function originOf(record: Resource): string {
  return textOf(objectOf(record["OriginOfCondition"])["@odata.id"]) ?? "";
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

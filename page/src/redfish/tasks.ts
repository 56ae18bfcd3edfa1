/** Actions that take long are answered with 202 and a task (DSP0266 "Asynchronous operations"): waits for the result. */
import { listOf, numberOf, type RedfishClient, RedfishFailure, type Reply, type Resource, textOf } from "./client.js";

const pollIntervalMs = 1_000;

/**
 * Resolves when the action has ended; rejects with RedfishFailure.
 * @param onProgress gets percent, undefined while unknown
 */
export async function complete(
  client: RedfishClient,
  reply: Reply,
  onProgress: (percent: number | undefined) => void = () => undefined,
): Promise<void> {
  const uri = reply.status === 202 ? textOf(reply.body["@odata.id"]) : undefined;
  if (uri === undefined) {
    return;
  }
  for (;;) {
    const task = await client.get(uri);
    const state = textOf(task["TaskState"]);
    if (state === "Completed") {
      return;
    }
    if (state !== "Running" && state !== "New" && state !== "Starting" && state !== "Pending") {
      throw new RedfishFailure(500, messageOf(task));
    }
    onProgress(numberOf(task["PercentComplete"]));
    await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
  }
}

function messageOf(task: Resource): string {
  const [message] = listOf(task["Messages"]);
  return textOf(message?.["Message"]) ?? "The action failed.";
}

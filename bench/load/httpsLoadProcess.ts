/** Runs one job after the other for `httpsLoad`. */
import { reasonOf } from "../../src/base/errors.js";
import { median } from "../statistics.js";
import { type HttpsJob, type HttpsResult, openHttpsConsole } from "./httpsLoad.js";

async function run({ port, request, clients, seconds }: HttpsJob): Promise<HttpsResult> {
  const consoles = await Promise.all(Array.from({ length: clients }, () => openHttpsConsole(port)));
  const durations: number[] = [];
  const usedBefore = process.cpuUsage();
  const startedAt = performance.now();
  const endAt = startedAt + seconds * 1_000;
  const lanes = consoles.map(async (each) => {
    while (performance.now() < endAt) {
      const begunAt = performance.now();
      const answer = await each.ask(request);
      durations.push(performance.now() - begunAt);
      if (!answer.subarray(0, 12).equals(ok)) {
        throw new Error(`not 200: ${answer.toString("latin1", 0, 80)}`);
      }
    }
  });
  await Promise.all(lanes);
  const taken = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(usedBefore);
  consoles.forEach((each) => each.close());
  return { count: durations.length, seconds: taken, p50: median(durations), busy: (user + system) / 1e6 / taken };
}

const ok = Buffer.from("HTTP/1.1 200");

process.on("message", (job: HttpsJob) => {
  run(job).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ failure: reasonOf(error) }),
  );
});
process.on("disconnect", () => process.exit(0));

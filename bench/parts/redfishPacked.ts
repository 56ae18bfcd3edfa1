/** Memory of 1,000 BMCs that serve Redfish in few processes. */
import { createLimiter } from "../../src/base/async/limiter.js";
import { openHttpsConsole } from "../load/httpsLoad.js";
import { atMost, type Part } from "../part.js";
import { pssMegabytes } from "../processes.js";
import { setStage } from "../stage.js";
import { timed } from "../statistics.js";

const bmcs = 1_000;
const bmcsPerProcess = 500;
const clientsAtOnce = 32;
const request = "GET /redfish HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

export const redfishPacked: Part = {
  name: "redfishPacked",
  about: "1,000 BMCs that serve Redfish with bmcs_per_process = 500",
  run: async () => {
    const without = await measure(false);
    const served = await measure(true);
    return [
      {
        what: "1,000 BMCs packed with Redfish: start until all answer over both protocols",
        value: served.allAnswerMs,
        unit: "ms",
        goal: atMost(5_000),
        floor: without.allAnswerMs,
        note: "a TLS handshake and a GET each; floor: without Redfish, over IPMI",
      },
      {
        what: "1,000 BMCs packed: PSS that Redfish adds before anyone uses it",
        value: served.megabytes - without.megabytes,
        unit: "MB",
        goal: atMost(150),
      },
      {
        what: "1,000 BMCs packed: PSS that Redfish adds after a request each",
        value: served.megabytesUsed - without.megabytes,
        unit: "MB",
        goal: atMost(150),
      },
    ];
  },
};

interface Measured {
  readonly allAnswerMs: number;
  readonly megabytes: number;
  readonly megabytesUsed: number;
}

async function measure(redfish: boolean): Promise<Measured> {
  const stage = await setStage({ bmcs, bmcsPerProcess, redfish });
  try {
    const megabytes = pssMegabytes(stage.processes());
    const limiter = createLimiter(clientsAtOnce);
    const getMs = redfish
      ? await timed(() => Promise.all(stage.ports.map((port) => limiter.run(() => getVersions(port)))))
      : 0;
    return { allAnswerMs: stage.allAnswerMs + getMs, megabytes, megabytesUsed: pssMegabytes(stage.processes()) };
  } finally {
    await stage.close();
  }
}

async function getVersions(port: number): Promise<void> {
  const client = await openHttpsConsole(port);
  const answer = await client.ask(request);
  client.close();
  if (!answer.toString("latin1").startsWith("HTTP/1.1 200")) {
    throw new Error(`port ${port} answers ${answer.toString("latin1", 0, 40)}`);
  }
}

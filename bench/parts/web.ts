/** The web process with many open pages while nothing changes. */
import type { ClientRequest } from "node:http";
import { request } from "node:https";

import { ask } from "../../test/support/httpsClient.js";
import { freeTcpPort } from "../../test/support/ports.js";
import { atMost, type Part } from "../part.js";
import { cpuSeconds } from "../processes.js";
import { setStage } from "../stage.js";
import { timed } from "../statistics.js";

const bmcs = 1_000;
const pages = 100;
const settleMs = 5_000;
const idleMs = 30_000;

export const web: Part = {
  name: "web",
  about: `${pages} open pages on ${bmcs} BMCs (packed) while nothing changes`,
  run: async () => {
    const port = await freeTcpPort();
    const stage = await setStage({ bmcs, bmcsPerProcess: 500, configuration: `[web]\nlisten = ${port}\n` });
    const streams: ClientRequest[] = [];
    try {
      const token = await logIn(port);
      const listMs = await timed(() => list(port, token));
      for (let page = 0; page < pages; page++) {
        streams.push(await listen(port, token));
      }
      await pause(settleMs);
      const before = cpuSeconds(stage.processes());
      await pause(idleMs);
      const used = cpuSeconds(stage.processes()) - before;
      return [
        { what: `the list of ${bmcs} BMCs, whole`, value: listMs, unit: "ms" },
        {
          what: `${pages} pages, ${bmcs} BMCs, nothing changes: share of one core, all processes of the daemon`,
          value: (used / idleMs) * 1_000,
          unit: "",
          goal: atMost(0.1),
        },
      ];
    } finally {
      streams.forEach((stream) => stream.destroy());
      await stage.close();
    }
  },
};

async function logIn(port: number): Promise<string> {
  const json = { UserName: "admin", Password: "password" };
  const { headers, status } = await ask({ port, path: "/redfish/v1/SessionService/Sessions", method: "POST", json });
  if (status !== 201) {
    throw new Error(`the login is answered with ${status}`);
  }
  return String(headers["x-auth-token"]);
}

async function list(port: number, token: string): Promise<void> {
  const { body } = await ask({ port, path: "/redfish/v1/Oem/Vbmc/Bmcs", headers: { "X-Auth-Token": token } });
  const { length } = (JSON.parse(body) as { Members: unknown[] }).Members;
  if (length !== bmcs) {
    throw new Error(`the list holds ${length} BMCs`);
  }
}

/** An event stream, as each page has one. */
function listen(port: number, token: string): Promise<ClientRequest> {
  return new Promise((resolve, reject) => {
    const options = { port, host: "127.0.0.1", path: "/redfish/v1/EventService/SSE", rejectUnauthorized: false };
    const stream = request({ ...options, agent: false, headers: { "X-Auth-Token": token } }, (response) => {
      response.once("data", () => resolve(stream)).on("error", () => undefined);
    });
    stream.on("error", reject);
    stream.end();
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

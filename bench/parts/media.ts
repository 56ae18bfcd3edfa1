/** How fast images reach a datastore, what memory the link takes for them, and how many requests share one. */
import { request } from "node:https";

import { defined } from "../../src/base/defined.js";
import { run } from "../../test/support/programs.js";
import { openSoapCalls } from "../../test/support/soapCalls.js";
import { type Floor, startImages } from "../floors/floors.js";
import { atLeast, atMost, type Part, type Row } from "../part.js";
import { pssMegabytes, titleOf } from "../processes.js";
import { account, allKnowPower, callsOf, setStage, type Stage } from "../stage.js";
import { median, repeat, timed } from "../statistics.js";

const mebibyte = 1024 ** 2;
const rounds = 3;
const imageBytes = 1024 * mebibyte;
const largeBytes = 4096 * mebibyte;
/** For which memory is compared: what the first image needs once is there by then. */
const sampleIntervalMs = 250;
const sharers = 50;

export const media: Part = {
  name: "media",
  about: "images on their way into drives: throughput beside curl, memory, one upload for many",
  run: async () => {
    const images = await startImages();
    try {
      return [...(await transfers(images)), ...(await sharing(images))];
    } finally {
      await images.close();
    }
  },
};

async function transfers(images: Floor): Promise<Row[]> {
  const stage = await setStage({ bmcs: 1, redfish: true, configuration });
  try {
    await allKnowPower(stage);
    const port = stage.ports[0]!;
    const link = stage.processes().find((pid) => titleOf(pid).startsWith("vbmc-link"))!;
    const measured = await repeat(rounds, async (index) => {
      const url = imageUrl(images, imageBytes, index);
      const ours = await timed(() => insert(port, url));
      await eject(port);
      const byCurl = await timed(() => copyByCurl(stage, url));
      return { ours, byCurl };
    });
    const before = pssMegabytes([link]);
    let most = before;
    const timer = setInterval(() => (most = Math.max(most, pssMegabytes([link]))), sampleIntervalMs);
    await insert(port, imageUrl(images, largeBytes, rounds));
    clearInterval(timer);
    await eject(port);
    const ours = median(measured.map((round) => round.ours));
    return [
      {
        what: "an image of 1 GiB, from its server into the drive: share of curl's speed",
        value: median(measured.map((round) => round.byCurl / round.ours)),
        unit: "",
        goal: atLeast(0.9),
        note: `${Math.round((imageBytes / mebibyte / ours) * 1_000)} MiB/s; curl fetches and uploads through a pipe`,
      },
      { what: "PSS of the link before an image of 4 GiB", value: before, unit: "MB" },
      { what: "what the image of 4 GiB adds at most", value: most - before, unit: "MB", goal: atMost(30) },
    ];
  } finally {
    await stage.close();
  }
}

async function sharing(images: Floor): Promise<Row[]> {
  const stage = await setStage({ bmcs: sharers, bmcsPerProcess: sharers, redfish: true, configuration });
  try {
    await allKnowPower(stage);
    const url = imageUrl(images, 64 * mebibyte, 0);
    const ms = await timed(() => Promise.all(stage.ports.map((port) => insert(port, url))));
    return [
      {
        what: `${sharers} VMs that want one image: uploads`,
        value: callsOf(stage, "PUT /folder"),
        unit: "",
        goal: atMost(1),
      },
      { what: `${sharers} VMs that want one image: until the last has it`, value: ms, unit: "ms", note: "64 MiB" },
    ];
  } finally {
    await stage.close();
  }
}

const configuration = "[media]\nimage_loopback = true\n";

/** Another image for each `index`. */
function imageUrl({ port }: Floor, bytes: number, index: number): string {
  return `http://127.0.0.1:${port}/image-${index}.iso?bytes=${bytes}`;
}

const insert = (port: number, url: string): Promise<void> => act(port, "InsertMedia", { Image: url });
const eject = (port: number): Promise<void> => act(port, "EjectMedia", {});

/** Resolves once it is done, however long it takes. */
async function act(port: number, action: string, body: object): Promise<void> {
  const target = `/redfish/v1/Systems/1/VirtualMedia/Cd/Actions/VirtualMedia.${action}`;
  let reply = await send(port, "POST", target, JSON.stringify(body));
  while (reply.status === 202) {
    reply = await send(port, "GET", reply.location);
  }
  if (reply.status !== 204) {
    throw new Error(`${action}: ${reply.status} ${reply.text}`);
  }
}

interface Reply {
  readonly status: number;
  readonly location: string;
  readonly text: string;
}

function send(port: number, method: string, path: string, body?: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = defined({ "Content-Type": body === undefined ? undefined : "application/json" });
    const options = {
      port,
      host: "127.0.0.1",
      method,
      path,
      headers,
      auth: "admin:password",
      rejectUnauthorized: false,
    };
    const sent = request(options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (more: string) => (text += more));
      response.once("end", () => {
        resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? path, text });
      });
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

/** To the same server, over the same proxy, with a session of its own. */
async function copyByCurl({ proxy }: Stage, url: string): Promise<void> {
  const server = `https://127.0.0.1:${proxy.port}`;
  const { cookie } = await openSoapCalls(`${server}/sdk`, account);
  const target = `${server}/folder/vbmc-media/curl.iso?dcPath=DC0&dsName=datastore1`;
  const script = 'curl -sSf "$1" | curl -sSfk -T - -H "Cookie: $2" -H "Expect:" "$3"';
  const { code, stderr } = await run("sh", ["-eu", "-c", script, "sh", url, cookie, target]);
  if (code !== 0) {
    throw new Error(`curl: ${stderr}`);
  }
}

/** Server-Sent Events of one BMC to as many as may listen. */
import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";

import { createLimiter } from "../../src/base/async/limiter.js";
import { openHttpsConsole } from "../load/httpsLoad.js";
import type { Row } from "../part.js";
import { pssMegabytes } from "../processes.js";
import { median, repeat, timed } from "../statistics.js";

const listeners = 100;
const handshakesAtOnce = 16;
const events = 20;
const streamPath = "/redfish/v1/EventService/SSE";
const testEventPath = "/redfish/v1/EventService/Actions/EventService.SubmitTestEvent";

/** @param requestOf a whole request, with the session's token */
export async function measureListeners(
  port: number,
  bmc: number,
  requestOf: (method: string, uri: string, body?: string) => string,
): Promise<Row[]> {
  const before = pssMegabytes([bmc]);
  // A service takes so many handshakes at a time.
  const limiter = createLimiter(handshakesAtOnce);
  const streams = await Promise.all(
    Array.from({ length: listeners }, () => limiter.run(() => listen(port, requestOf("GET", streamPath)))),
  );
  const megabytes = pssMegabytes([bmc]) - before;
  const client = await openHttpsConsole(port);
  const durations = await repeat(events, async (index) => {
    const message = `event ${index} of the benchmark`;
    const body = JSON.stringify({ MessageId: "ResourceEvent.1.4.ResourceChanged", Message: message });
    const heard = Promise.all(streams.map((stream) => stream.heard(message)));
    return timed(async () => {
      await client.ask(requestOf("POST", testEventPath, body));
      await heard;
    });
  });
  client.close();
  streams.forEach(({ socket }) => socket.destroy());
  return [
    { what: `an event to ${listeners} listeners, until the last one has it`, value: median(durations), unit: "ms" },
    { what: `PSS that ${listeners} listeners add to a BMC's process`, value: megabytes, unit: "MB" },
  ];
}

interface Stream {
  readonly socket: TLSSocket;
  /** Resolves with the next chunk that has the text. */
  readonly heard: (text: string) => Promise<void>;
}

async function listen(port: number, request: string): Promise<Stream> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  socket.setEncoding("latin1").write(request);
  const [head] = (await once(socket, "data")) as [string];
  if (!head.startsWith("HTTP/1.1 200")) {
    throw new Error(`no stream: ${head.slice(0, 80)}`);
  }
  return {
    socket,
    heard: (text) =>
      new Promise((resolve) => {
        const take = (chunk: string): void => {
          if (chunk.includes(text)) {
            socket.off("data", take);
            resolve();
          }
        };
        socket.on("data", take);
      }),
  };
}

/** Asks a BMC within a session of our own client, again while it is busy, as orchestrators do. */
import assert from "node:assert/strict";

import { type ClientOptions, type ClientSession, openClientSession } from "../../src/protocol/client/clientSession.js";
import { until } from "./patience.js";

const nodeBusy = 0xc0;

/** The session is closed when `work` has ended. */
export async function withSession<T>(options: ClientOptions, work: (session: ClientSession) => Promise<T>): Promise<T> {
  const session = await openClientSession(options);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** The data of the answer; asks again while the BMC is busy, as ironic does. */
export async function asked(
  session: ClientSession,
  netFn: number,
  command: number,
  ...data: number[]
): Promise<Buffer> {
  const what = `netFn ${netFn}, command ${command}`;
  const answer = await until(what, async () => {
    const given = await session.request({ netFn, command, data });
    return given.completionCode !== nodeBusy && given;
  });
  assert.equal(answer.completionCode, 0, what);
  return Buffer.from(answer.data);
}

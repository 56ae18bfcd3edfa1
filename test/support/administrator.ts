/** An ADMINISTRATOR session for tests of commands: bytes in, bytes out. */
import assert from "node:assert/strict";

import { createTestBmc, logIn, type TestBmc, type TestSession } from "./testBmc.js";

export const app = 0x06;
export const chassis = 0x00;
export const transport = 0x0c;

export interface Console {
  readonly bmc: TestBmc;
  readonly session: TestSession;
  /** Response data behind completion code 00h; any other code fails the test. */
  readonly data: (netFn: number, command: number, request?: readonly number[]) => Promise<number[]>;
  readonly code: (netFn: number, command: number, request?: readonly number[]) => Promise<number>;
}

export async function openConsole(
  bmc: TestBmc = createTestBmc(),
  login: Parameters<typeof logIn>[1] = {},
): Promise<Console> {
  const session = logIn(bmc, login);
  assert.equal((await session.request(app, 0x3b, [4])).code, 0);
  return {
    bmc,
    session,
    data: async (netFn, command, request = []) => {
      const answer = await session.request(netFn, command, request);
      assert.equal(answer.code, 0);
      return [...answer.data];
    },
    code: async (netFn, command, request = []) => (await session.request(netFn, command, request)).code,
  };
}

/** `text` in a field of `size` bytes. */
export function field(text: string, size: number): number[] {
  return [...Buffer.concat([Buffer.from(text)], size)];
}

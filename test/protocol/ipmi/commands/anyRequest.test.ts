/** What all rows of the command table owe to any request. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import fc from "fast-check";

import type { CommandContext, CommandSession } from "../../../../src/protocol/ipmi/command.js";
import { commands } from "../../../../src/protocol/ipmi/commands/index.js";
import { CompletionError } from "../../../../src/protocol/ipmi/completionCode.js";
import { createDispatcher } from "../../../../src/protocol/ipmi/dispatch.js";
import { createTestBmc } from "../../../support/testBmc.js";

const dispatcher = createDispatcher(commands);

function contextOf(log: string[], level: 0 | 2 | 4): CommandContext {
  const { bmc, machine } = createTestBmc();
  const refuse = (): never => {
    throw new CompletionError(0xcc, "no login here");
  };
  const session: CommandSession = {
    id: 1,
    handle: 1,
    protocol: "rmcpPlus",
    userId: 2,
    userName: "admin",
    privilege: level,
    maximumPrivilege: level,
  };
  return {
    bmc,
    machine,
    session: level === 0 ? undefined : session,
    sessions: {
      active: () => [],
      capacity: 1,
      close: () => undefined,
      dismiss: () => undefined,
      dismissAll: () => undefined,
    },
    sol: {
      owner: () => undefined,
      protectionOf: () => undefined,
      activate: () => Promise.resolve(),
      deactivate: () => undefined,
      receive: () => undefined,
      close: () => undefined,
    },
    ipmi15Login: () => ({ challenge: refuse, activate: refuse }),
    commands,
    hasCommand: (netFn, command) => dispatcher.find({ netFn, command }) !== undefined,
    remote: { address: "192.0.2.1", port: 40_000 },
    now: bmc.clock.now(),
    log: (severity, message, fields) => {
      if (severity === "error") {
        log.push(`${message} ${JSON.stringify(fields)}`);
      }
    },
  };
}

/** Mostly small numbers, so that parameters and record IDs are hit. */
const data = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 0xff })), { maxLength: 24 })
  .map((bytes) => Buffer.from(bytes));

describe("any request to any command", () => {
  for (const { netFn, command, name, privilege, group } of commands) {
    test(`${name} answers whatever it is sent, and is never at a loss (FFh)`, async () => {
      const log: string[] = [];
      const context = contextOf(log, 4);
      const request = (bytes: Buffer): Parameters<typeof dispatcher.dispatch>[0] => ({
        netFn,
        command,
        data: group === undefined ? bytes : Buffer.concat([Buffer.from([group]), bytes]),
        rsLun: 0,
        rsAddr: 0x20,
        rqAddr: 0x81,
        rqLun: 0,
        rqSeq: 0,
      });
      await fc.assert(
        fc.asyncProperty(data, async (bytes) => {
          const sent = Buffer.from(bytes);
          const { code, data: reply } = await dispatcher.dispatch(request(bytes), context);
          assert.notEqual(code, 0xff);
          assert.ok(reply.length <= 255);
          assert.deepEqual(bytes, sent, "the request is left as it was");
        }),
        { numRuns: 300 },
      );
      assert.deepEqual(log, []);
      if (privilege > 2) {
        const asUser = await dispatcher.dispatch(request(Buffer.alloc(0)), contextOf(log, 2));
        assert.equal(asUser.code, 0xd4, "a USER may not");
      }
      const withoutSession = await dispatcher.dispatch(request(Buffer.alloc(0)), contextOf(log, 0));
      assert.equal(withoutSession.code === 0xd4, privilege > 0, "only what needs no session is done without one");
    });
  }

  test("no two rows have one number", () => {
    const numbers = commands.map(({ netFn, command, group }) => `${netFn}/${command}/${group ?? ""}`);
    assert.equal(new Set(numbers).size, numbers.length);
  });
});

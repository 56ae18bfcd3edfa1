/**
 * Sessions of real clients, replayed: what a client accepted once it is given again, byte by byte, without the client.
 * `record.ts` makes the recordings. `>` is a datagram to the BMC, after the port it came from; `<` is the BMC's answer.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";

import { inRepository } from "../support/repository.js";
import { clientRuns } from "./clients.js";
import { createRecordedBmc } from "./recordedBmc.js";

const folder = inRepository("test/golden");

function textOf(name: string): string {
  return readFileSync(path.join(folder, `${name}.txt`), "utf8");
}

describe("recorded sessions", () => {
  for (const { name, cipherSuites, withKg } of clientRuns) {
    test(`${name} is answered as it was`, () => {
      const bmc = createRecordedBmc(cipherSuites, withKg);
      const recorded = textOf(name);
      const said: string[] = [];
      for (const [, port = "", datagram = ""] of recorded.matchAll(/^> (\d+) ([0-9a-f]+)$/gm)) {
        said.push(`> ${port} ${datagram}`);
        bmc.responder.receive(
          Buffer.from(datagram, "hex"),
          { address: "127.0.0.1", port: Number(port) },
          (answer) => void said.push(`< ${answer.toString("hex")}`),
        );
      }
      assert.ok(said.length > 10);
      assert.equal(`${said.join("\n")}\n`, recorded);
    });
  }

  test("a recording that is changed in one bit is found out", () => {
    const bmc = createRecordedBmc([3], false);
    const lines = textOf("ipmitool-suite-3").split("\n");
    const first = lines.findIndex((line) => line.startsWith("> ") && line.includes("0600ff0706c0"));
    const datagram = Buffer.from(lines[first]!.split(" ")[2]!, "hex");
    datagram[datagram.length - 1]! ^= 1;
    lines[first] = `> 1 ${datagram.toString("hex")}`;
    const answers: Buffer[] = [];
    for (const line of lines.slice(0, first + 1).filter((text) => text.startsWith("> "))) {
      bmc.responder.receive(
        Buffer.from(line.split(" ")[2]!, "hex"),
        { address: "127.0.0.1", port: 1 },
        (answer) => void answers.push(answer),
      );
    }
    const recordedAnswers = lines.slice(0, first).filter((text) => text.startsWith("< ")).length;
    assert.equal(answers.length, recordedAnswers, "the changed packet is the only one without an answer");
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";

import { createSolEngine, type SolEngine } from "../../../../src/protocol/ipmi/sol/solEngine.js";
import { createFakeTimers, type FakeTimers } from "../../../support/fakeTimers.js";
import { hex } from "../../../support/packets.js";

interface Bench {
  readonly engine: SolEngine;
  readonly timers: FakeTimers;
  /** Packets to the remote console since the last look. */
  readonly sent: () => string[];
  /** What reached the console, as text. */
  readonly typed: () => string;
  /** Calls of the console besides write. */
  readonly calls: string[];
  /** Sends a packet with the next session sequence number. */
  readonly receive: (packet: string, sessionSequence?: number) => void;
  readonly print: (text: string) => void;
  readonly console: { accepts: boolean };
}

const timing = { accumulateMs: 5, sendThreshold: 1, retryCount: 7, retryIntervalMs: 100 };

/** An engine whose console is connected, after the time in which it sends nothing. */
function createBench(given: Partial<typeof timing> = {}): Bench {
  const timers = createFakeTimers(1_000_000);
  const packets: string[] = [];
  const calls: string[] = [];
  let typed = "";
  let sequence = 100;
  const console = { accepts: true };
  const engine = createSolEngine({
    timers,
    timing: () => ({ ...timing, ...given }),
    send: (packet) => packets.push(packet.toString("hex")),
    console: {
      write: (bytes) => {
        typed += Buffer.from(bytes).toString("latin1");
        return console.accepts;
      },
      sendBreak: () => calls.push("break"),
      pause: () => calls.push("pause"),
      resume: () => calls.push("resume"),
    },
    onDiscarded: () => calls.push("discarded"),
  });
  engine.listener.onStatus(true);
  engine.begin();
  timers.pass(100);
  return {
    engine,
    timers,
    sent: () => packets.splice(0),
    typed: () => typed,
    calls,
    receive: (packet, sessionSequence = ++sequence) => engine.receive(hex(packet), sessionSequence),
    print: (text) => engine.listener.onData(Buffer.from(text, "latin1")),
    console,
  };
}

const packet = (head: string, text: string): string => hex(head).toString("hex") + Buffer.from(text).toString("hex");

test("characters of the remote console are acknowledged at once, and typed (§15.9)", () => {
  const { receive, sent, typed } = createBench();
  receive(packet("01 00 00 00", "ls"));
  assert.deepEqual(sent(), ["00010200"]);
  receive(packet("02 00 00 00", "\r"));
  assert.deepEqual(sent(), ["00020100"]);
  assert.equal(typed(), "ls\r");
});

test("a packet that comes again is acknowledged as before, and not typed again", () => {
  const { receive, sent, typed } = createBench();
  receive(packet("01 00 00 10", "x"));
  receive(packet("01 00 00 10", "x"));
  assert.deepEqual(sent(), ["00010100", "00010100"]);
  assert.equal(typed(), "x");
});

test("a copy that its retry has overtaken is dropped, whatever its number", () => {
  const { receive, sent, typed } = createBench();
  receive(packet("01 00 00 00", "a"), 7);
  receive(packet("02 00 00 00", "b"), 8);
  assert.throws(() => receive(packet("01 00 00 00", "a"), 6), /overtaken/);
  assert.equal(typed(), "ab");
  assert.equal(sent().length, 2);
});

test("a remote console may begin with any number, as solterm does with 15", () => {
  const { receive, typed } = createBench();
  receive("0f 00 00 00");
  receive(packet("01 00 00 00", "a"));
  receive(packet("09 00 00 00", "b"));
  assert.equal(typed(), "ab");
});

test("a keep-alive without characters is acknowledged with count 0, an acknowledgement is not", () => {
  const { receive, sent } = createBench();
  receive("03 00 00 00");
  receive("00 05 10 00");
  assert.deepEqual(sent(), ["00030000"]);
});

test("259 bytes are taken, 260 and 3 are not", () => {
  const { receive, typed } = createBench();
  receive(packet("01 00 00 00", "y".repeat(255)));
  assert.equal(typed().length, 255);
  assert.throws(() => receive(packet("02 00 00 00", "y".repeat(256))), /longer/);
  assert.throws(() => receive("02 00 00"), /shorter/);
});

test("output goes out at once, in one packet, under a number of its own, acknowledging nothing", () => {
  const { print, sent, receive } = createBench();
  print("login: ");
  assert.deepEqual(sent(), [packet("01 00 00 00", "login: ")]);
  print("more");
  assert.deepEqual(sent(), [], "one packet is outstanding at a time");
  receive("00 01 07 00");
  assert.deepEqual(sent(), [packet("02 00 00 00", "more")]);
});

test("numbers go from 15 to 1", () => {
  const { print, sent, receive } = createBench();
  for (let index = 0; index < 15; index++) {
    print("x");
    receive(`00 ${((index % 15) + 1).toString(16).padStart(2, "0")} 01 00`);
  }
  sent();
  print("y");
  assert.deepEqual(sent(), [packet("01 00 00 00", "y")]);
});

test("a packet holds 255 characters at most", () => {
  const { print, sent, receive } = createBench();
  print("z".repeat(300));
  assert.equal(sent()[0]?.length, 2 * 259);
  receive("00 01 ff 00");
  assert.equal(sent()[0]?.length, 2 * (4 + 45));
});

test("a retry has exactly the same bytes, also when more characters have come, and goes on more slowly forever", () => {
  const { print, sent, timers } = createBench({ retryCount: 2 });
  print("one");
  const [first] = sent();
  print("two");
  timers.pass(100);
  timers.pass(100);
  assert.deepEqual(sent(), [first, first]);
  timers.pass(999);
  assert.deepEqual(sent(), []);
  timers.pass(10_001);
  assert.equal(sent().filter((each) => each === first).length, 11);
});

test("a packet that follows a slow retry is retried at the configured interval again", () => {
  const { print, sent, timers, receive } = createBench({ retryCount: 0 });
  print("one");
  timers.pass(150);
  receive("00 01 03 00");
  print("two");
  sent();
  timers.pass(100);
  assert.deepEqual(sent(), [packet("02 00 00 00", "two")]);
});

test("nothing is sent again once it is acknowledged", () => {
  const { print, sent, timers, receive } = createBench();
  print("one");
  receive("00 01 03 00");
  sent();
  timers.pass(60_000);
  assert.deepEqual(sent(), []);
});

test("of a packet that is accepted in part the rest goes out under the next number", () => {
  const { print, sent, receive } = createBench();
  print("abcdef");
  sent();
  receive("00 01 02 00");
  assert.deepEqual(sent(), [packet("02 00 00 00", "cdef")]);
});

test("a NACK with count 0 suspends: no retry, until an acknowledgement resumes with the same packet (§15.11)", () => {
  const { print, sent, receive, timers } = createBench();
  print("abc");
  sent();
  receive("00 01 00 40");
  timers.pass(5_000);
  assert.deepEqual(sent(), []);
  receive("00 01 00 00");
  assert.deepEqual(sent(), [packet("01 00 00 00", "abc")]);
  timers.pass(100);
  assert.equal(sent().length, 1, "retries go on");
  receive("00 01 03 00");
  print("d");
  assert.deepEqual(sent(), [packet("02 00 00 00", "d")]);
});

test("a NACK that accepts a part suspends the rest", () => {
  const { print, sent, receive, timers } = createBench();
  print("abc");
  sent();
  receive("00 01 01 40");
  timers.pass(5_000);
  assert.deepEqual(sent(), []);
  receive("00 01 00 00");
  assert.deepEqual(sent(), [packet("02 00 00 00", "bc")]);
});

test("an old acknowledgement changes nothing", () => {
  const { print, sent, receive, timers } = createBench();
  print("abc");
  receive("00 01 03 00");
  print("def");
  sent();
  receive("00 01 03 00");
  timers.pass(100);
  assert.deepEqual(sent(), [packet("02 00 00 00", "def")]);
});

test("an acknowledgement that a later one has overtaken is not taken for the packet that has the same number now", () => {
  const { print, sent, receive } = createBench();
  for (let index = 0; index < 15; index++) {
    print("x");
    receive(`00 ${(index + 1).toString(16).padStart(2, "0")} 01 00`);
  }
  print("y");
  print("z");
  sent();
  receive("00 01 01 00", 100);
  assert.deepEqual(sent(), []);
  receive("00 01 01 00", 200);
  assert.deepEqual(sent(), [packet("02 00 00 00", "z")]);
});

test("flush outbound drops the pending packet and the backlog, ends a suspension, and acts without a number", () => {
  const { print, sent, receive, timers } = createBench();
  print("old");
  print("older");
  receive("00 01 00 40");
  sent();
  receive("00 00 00 01");
  timers.pass(1_000);
  assert.deepEqual(sent(), []);
  print("new");
  assert.deepEqual(sent(), [packet("02 00 00 00", "new")]);
});

test("operations come before the characters of their packet, and only once", () => {
  const { receive, calls, typed } = createBench();
  receive(packet("01 00 00 10", "b"));
  receive(packet("01 00 00 10", "b"));
  assert.deepEqual(calls, ["break"]);
  assert.equal(typed(), "b");
});

test("output waits while CTS is deasserted", () => {
  const { print, sent, receive } = createBench();
  receive("01 00 00 08");
  sent();
  print("abc");
  assert.deepEqual(sent(), []);
  receive("02 00 00 00");
  assert.deepEqual(sent().sort(), [packet("00 02 00 00", ""), packet("01 00 00 00", "abc")].sort());
});

test("characters are accumulated as parameter 3 says, but never with a full packet", () => {
  const { print, sent, timers } = createBench({ sendThreshold: 10, accumulateMs: 50 });
  print("abc");
  timers.pass(49);
  assert.deepEqual(sent(), []);
  print("d");
  timers.pass(1);
  assert.deepEqual(sent(), [packet("01 00 00 00", "abcd")]);
  const full = createBench({ sendThreshold: 255, accumulateMs: 1_275 });
  full.print("x".repeat(255));
  assert.equal(full.sent().length, 1);
});

test("nothing is sent in the first 100 ms: ipmitool would take it for the answer to Activate Payload", () => {
  const timers = createFakeTimers(0);
  const sent: string[] = [];
  const engine = createSolEngine({
    timers,
    timing: () => timing,
    send: (each) => sent.push(each.toString("hex")),
    console: { write: () => true, sendBreak: () => undefined, pause: () => undefined, resume: () => undefined },
  });
  engine.listener.onStatus(true);
  engine.listener.onData(Buffer.from("hello"));
  timers.pass(1_000);
  engine.begin();
  timers.pass(99);
  assert.deepEqual(sent, []);
  timers.pass(1);
  assert.deepEqual(sent, [packet("01 00 00 00", "hello")]);
  engine.close();
  timers.pass(5_000);
  assert.equal(sent.length, 1, "a closed engine sends nothing");
});

test("without a VM characters are acknowledged and lost, and the status says so", () => {
  const { engine, receive, sent, typed, calls } = createBench();
  engine.listener.onStatus(false);
  receive(packet("01 00 00 10", "lost"));
  receive(packet("02 00 00 00", "lost"));
  assert.deepEqual(sent(), ["00010420", "00020420"]);
  assert.deepEqual(calls, ["discarded"], "told once");
  engine.listener.onStatus(true);
  receive(packet("03 00 00 00", "typed"));
  assert.equal(typed(), "typed");
  assert.deepEqual(sent(), ["00030500"]);
});

test("characters that the console cannot take now are not answered, and taken when they come again", () => {
  const { engine, receive, sent, typed, console } = createBench();
  console.accepts = false;
  receive(packet("01 00 00 00", "a"));
  assert.deepEqual(sent(), ["00010100"], "the one that fills the buffer is taken");
  receive(packet("02 00 00 00", "b"));
  receive(packet("02 00 00 00", "b"));
  assert.deepEqual(sent(), []);
  receive("00 00 00 01");
  console.accepts = true;
  engine.listener.onDrain();
  receive(packet("02 00 00 00", "b"));
  assert.deepEqual(sent(), ["00020100"]);
  assert.equal(typed(), "ab");
});

test("a VM that goes away while its console is full does not leave the remote console without an answer", () => {
  const { engine, receive, sent, console } = createBench();
  console.accepts = false;
  receive(packet("01 00 00 00", "a"));
  engine.listener.onStatus(false);
  engine.listener.onStatus(true);
  receive(packet("02 00 00 00", "b"));
  assert.deepEqual(sent(), ["00010100", "00020100"]);
});

test("the notice of a deactivation is a NACK of the last number (pyghmi)", () => {
  const { engine, receive, sent } = createBench();
  receive(packet("05 00 00 00", "a"));
  sent();
  engine.notifyDeactivated();
  assert.deepEqual(sent(), ["00050050"]);
});

test("the console waits at 64 KB of backlog, and goes on at 32 KB", () => {
  const { print, receive, calls, sent } = createBench();
  for (let kilobyte = 0; kilobyte < 66; kilobyte++) {
    print("k".repeat(1_024));
  }
  assert.deepEqual(calls, ["pause"]);
  let received = 0;
  let sequence = 0;
  while (calls.length === 1) {
    const [next] = sent();
    sequence = (sequence % 15) + 1;
    received += next!.length / 2 - 4;
    receive(`00${sequence.toString(16).padStart(2, "0")}ff00`);
  }
  assert.deepEqual(calls, ["pause", "resume"]);
  assert.ok(received > 33_000 && received < 36_000, `${received} bytes were acknowledged before it went on`);
});

test("a remote console that reads nothing for 10 s does not stop the VM: the oldest output is lost, and marked", () => {
  const { engine, print, receive, calls, sent, timers } = createBench();
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}\r\n`).join("");
  for (let at = 0; at < 70_000; at += 1_000) {
    print(lines.slice(at, at + 1_000));
  }
  assert.deepEqual(calls, ["pause"]);
  timers.pass(9_999);
  assert.deepEqual(calls, ["pause"]);
  timers.pass(1);
  assert.deepEqual(calls, ["pause", "resume"]);
  for (let at = 70_000; at < 200_000; at += 1_000) {
    print(lines.slice(at, at + 1_000));
  }
  assert.deepEqual(calls, ["pause", "resume"], "it is not paused again");
  const first = sent()[0]!;
  receive("00 01 ff 00");
  let text = "";
  let gaps = 0;
  for (let sequence = 2; ; sequence = (sequence % 15) + 1) {
    const [next] = sent();
    if (next === undefined) {
      break;
    }
    const bytes = hex(next);
    gaps += bytes[3] === 0x08 ? 1 : 0;
    assert.ok(bytes[3] === 0 || text === "", "only what follows the gap is marked");
    text += bytes.subarray(4).toString("latin1");
    receive(`00${sequence.toString(16).padStart(2, "0")}ff00`);
  }
  assert.equal(hex(first).subarray(4).toString("latin1"), lines.slice(0, 255));
  assert.equal(gaps, 1);
  assert.equal(text.length, 65_536, "what is kept");
  assert.ok(lines.slice(0, 200_000).endsWith(text));
  engine.close();
});

test("a gap that the console tells of is marked where it is", () => {
  const { engine, print, receive, sent } = createBench();
  print("one");
  print("two");
  engine.listener.onOverrun(500);
  print("three");
  receive("00 01 03 00");
  receive("00 02 03 00");
  assert.deepEqual(sent(), [
    packet("01 00 00 00", "one"),
    packet("02 00 00 00", "two"),
    packet("03 00 00 08", "three"),
  ]);
});

/**
 * One activated SOL payload (IPMI 2.0 chapter 15): packets of the remote console in, packets to it out, and the console on
 * the other side. Clock and timers are given.
 */
import type { SolTiming } from "../../../model/bmc/sol/solSettings.js";
import type { Timers } from "../../../model/bmc/timers.js";
import type { ConsoleConnection, ConsoleListener } from "../../../model/machine/console.js";
import { MalformedPacketError, refuseLonger } from "../../rmcp/malformedPacketError.js";
import { createSolOutput } from "./solOutput.js";
import {
  decodeSolPacket,
  encodeSolAcknowledgement,
  maxCharacters,
  solHeaderLength,
  solOperation,
  type SolPacket,
  solStatus,
} from "./solPacket.js";

export interface SolEngine {
  /**
   * A packet of the remote console and its session sequence number, by which copies that a retry has overtaken are known.
   * Throws MalformedPacketError.
   */
  readonly receive: (packet: Buffer, sessionSequence: number) => void;
  /** Lets output begin, once Activate Payload has been answered. */
  readonly begin: () => void;
  /** What the console reports. */
  readonly listener: ConsoleListener;
  /** Notifies the remote console that its payload is deactivated. */
  readonly notifyDeactivated: () => void;
  /** Stops all timers; nothing is sent from now on. */
  readonly close: () => void;
}

export interface SolEngineOptions {
  readonly timers: Timers;
  readonly timing: () => SolTiming;
  /** Takes a whole SOL packet. */
  readonly send: (packet: Buffer) => void;
  readonly console: Omit<ConsoleConnection, "close" | "settled">;
  /** Characters were discarded because the console is disconnected; called once until it is connected again. */
  readonly onDiscarded?: () => void;
}

/** ipmitool takes any SOL packet for the answer to Activate Payload until that has arrived, ms. */
const startHoldMs = 100;

export function createSolEngine(options: SolEngineOptions): SolEngine {
  const { timers, console, onDiscarded } = options;
  let isClosed = false;
  let isConnected = false;
  /** The console's buffer is full. */
  let isBlocked = false;
  let hasDiscarded = false;
  /** The last packet that was accepted. */
  let last = { sequence: 0, acceptedCount: 0, sessionSequence: undefined as number | undefined };

  /** Session sequence number of the last acknowledgement. */
  let lastAcknowledgement: number | undefined;

  const send = (packet: Buffer): void => {
    if (!isClosed) {
      options.send(packet);
    }
  };
  const output = createSolOutput({ ...options, send });
  output.hold("start", true);
  let endStartHold = (): void => undefined;

  function receive(packet: Buffer, sessionSequence: number): void {
    refuseLonger(packet, solHeaderLength + maxCharacters, "SOL packet");
    const decoded = decodeSolPacket(packet);
    takeAcknowledgement(decoded, sessionSequence);
    if (decoded.sequence === 0) {
      operate(decoded);
      return;
    }
    if (isOvertaken(sessionSequence, last.sessionSequence)) {
      throw new MalformedPacketError(`SOL packet ${decoded.sequence} was overtaken by its retry`);
    }
    if (decoded.sequence === last.sequence) {
      last.sessionSequence = sessionSequence;
      acknowledge();
      return;
    }
    if (isBlocked && isConnected && decoded.characters.length > 0) {
      // No refusal: ipmitool would not send the characters again. All clients send again what is not acknowledged.
      return;
    }
    operate(decoded);
    type(decoded.characters);
    last = { sequence: decoded.sequence, acceptedCount: decoded.characters.length, sessionSequence };
    acknowledge();
  }

  /** One that a later one has overtaken may be for a packet of the same number, 15 packets ago. */
  function takeAcknowledgement({ ackedSequence, acceptedCount, flags }: SolPacket, sessionSequence: number): void {
    if (ackedSequence !== 0 && !isOvertaken(sessionSequence, lastAcknowledgement)) {
      lastAcknowledgement = sessionSequence;
      output.acknowledge(ackedSequence, acceptedCount, (flags & solOperation.nack) !== 0);
    }
  }

  /** Any number but the last one is new: clients start with any, and would stay out of step forever otherwise. */
  function acknowledge(): void {
    send(encodeSolAcknowledgement(last.sequence, last.acceptedCount, availability()));
  }

  function availability(): number {
    return isConnected ? 0 : solStatus.transferUnavailable;
  }

  function operate({ flags }: SolPacket): void {
    if ((flags & solOperation.flushOutbound) !== 0) {
      output.flush();
    }
    output.hold("cts", (flags & solOperation.deassertCts) !== 0);
    if ((flags & solOperation.generateBreak) !== 0 && isConnected) {
      console.sendBreak();
    }
  }

  /** A serial port without a peer loses what is sent to it. */
  function type(characters: Buffer): void {
    if (characters.length === 0) {
      return;
    }
    if (isConnected) {
      isBlocked = !console.write(characters);
    } else if (!hasDiscarded) {
      hasDiscarded = true;
      onDiscarded?.();
    }
  }

  return {
    receive,
    begin: () => {
      endStartHold = timers.after(startHoldMs, () => output.hold("start", false));
    },
    listener: {
      onData: output.push,
      onStatus: (connected) => {
        isConnected = connected;
        isBlocked = false;
        hasDiscarded = hasDiscarded && !connected;
      },
      onOverrun: output.markOverrun,
      // SOL has no other way to say something: a NACK makes pyghmi send the keys forever, and ipmitool shows none.
      onNotice: (text) => output.push(Buffer.from(`\r\n[${text}]\r\n`)),
      onDrain: () => {
        isBlocked = false;
      },
    },
    notifyDeactivated: () => {
      // pyghmi sees it only in a NACK of its own last number, and FreeIPMI in any packet.
      send(encodeSolAcknowledgement(last.sequence, 0, solStatus.nack | solStatus.deactivated));
    },
    close: () => {
      isClosed = true;
      endStartHold();
      output.close();
    },
  };
}

/** Session sequence numbers go on at 1 behind the highest one. */
function isOvertaken(sessionSequence: number, last: number | undefined): boolean {
  return last !== undefined && ((sessionSequence - last) | 0) < 0;
}

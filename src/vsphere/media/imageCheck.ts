/** Whether bytes are an image: an ISO 9660 volume (ECMA-119 §8), or a floppy of 1.44 MB. */
import type { Readable } from "node:stream";

import { MachineError } from "../../model/machine/errors.js";
import type { MediaSlotId } from "../../model/machine/media.js";

export const floppyBytes = 1_474_560;
/** Of the first volume descriptor: one byte of type, then the standard identifier. */
const identifierAt = 0x8001;
const identifierEnd = 0x8006;
/** ISO 9660, and UDF without it. */
const identifiers = ["CD001", "BEA01"];

/**
 * Reads as much as shows what it is, and puts it back: the stream is whole afterwards. Throws MachineError for what is no
 * image, and what the stream fails with.
 */
export async function requireImage(body: Readable, slot: MediaSlotId, totalBytes: number | undefined): Promise<void> {
  if (slot === "floppy") {
    // Without a length, it is known at the end.
    requireFloppy(totalBytes ?? floppyBytes);
    return;
  }
  const head = await readHead(body, identifierEnd);
  requireIso(head);
  body.unshift(head);
}

async function readHead(body: Readable, bytes: number): Promise<Buffer> {
  const head: Buffer[] = [];
  let size = 0;
  while (size < bytes && !body.readableEnded) {
    const chunk = body.read() as Buffer | null;
    if (chunk === null) {
      await more(body);
    } else {
      head.push(chunk);
      size += chunk.length;
    }
  }
  return Buffer.concat(head);
}

/** Resolves when there are more bytes, or no more; rejects when the stream fails. */
function more(body: Readable): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      body.off("readable", settle).off("end", settle).off("error", settle);
      if (error) {
        reject(error);
      } else {
        resolve();
      }
    };
    body.on("readable", settle).on("end", settle).on("error", settle);
  });
}

function requireIso(head: Buffer): void {
  if (!identifiers.includes(head.toString("latin1", identifierAt, identifierEnd))) {
    const isPage = head.toString("latin1", 0, 512).trimStart().startsWith("<");
    throw new MachineError(
      "badImage",
      isPage
        ? "what the server sends is a web page and no ISO image: it may want a login"
        : "this is no ISO 9660 image: CD001 is not where its volume descriptor should be",
    );
  }
}

export function requireFloppy(size: number): void {
  if (size !== floppyBytes) {
    throw new MachineError(
      "badImage",
      `a floppy image has ${floppyBytes} bytes (1.44 MB) and this one ${size}: give it as an ISO instead`,
    );
  }
}

/** Whether bytes are an image: an ISO 9660 volume (ECMA-119 §8), or a floppy of 1.44 MB. */
import { MachineError } from "../../model/machine/errors.js";
import type { MediaSlotId } from "../../model/machine/media.js";

export const floppyBytes = 1_474_560;
/** Of the first volume descriptor: one byte of type, then the standard identifier. */
const identifierAt = 0x8001;
const identifierEnd = 0x8006;
/** ISO 9660, and UDF without it. */
const identifiers = ["CD001", "BEA01"];

/**
 * Reads as much as shows what it is, and gives all bytes, from the first on. Throws MachineError for what is no image; the
 * bytes reject with it where they end too early or too late.
 */
export async function checkedImage(
  body: AsyncIterable<Buffer>,
  slot: MediaSlotId,
  totalBytes: number | undefined,
): Promise<AsyncIterable<Buffer>> {
  if (slot === "floppy" && totalBytes !== undefined) {
    requireFloppy(totalBytes);
  }
  const rest = body[Symbol.asyncIterator]();
  const head: Buffer[] = [];
  let size = 0;
  while (size < identifierEnd) {
    const next = await rest.next();
    if (next.done === true) {
      break;
    }
    head.push(next.value);
    size += next.value.length;
  }
  if (slot === "cd") {
    requireIso(Buffer.concat(head));
  }
  return bytesOf(head, rest, slot);
}

async function* bytesOf(
  head: readonly Buffer[],
  rest: AsyncIterator<Buffer>,
  slot: MediaSlotId,
): AsyncGenerator<Buffer, void, undefined> {
  let size = 0;
  for (const chunk of head) {
    size += chunk.length;
    yield chunk;
  }
  try {
    for (;;) {
      const next = await rest.next();
      if (next.done === true) {
        break;
      }
      size += next.value.length;
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
  if (slot === "floppy") {
    requireFloppy(size);
  }
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

function requireFloppy(size: number): void {
  if (size !== floppyBytes) {
    throw new MachineError(
      "badImage",
      `a floppy image has ${floppyBytes} bytes (1.44 MB) and this one ${size}: give it as an ISO instead`,
    );
  }
}

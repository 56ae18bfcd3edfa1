/** Counts and hashes an image on its way, and holds so much of it that neither server waits for each chunk of the other. */
import { createHash } from "node:crypto";
import { Transform } from "node:stream";

import { MachineError } from "../../model/machine/errors.js";
import type { MediaSlotId } from "../../model/machine/media.js";
import { requireFloppy } from "./imageCheck.js";
import { tooLarge } from "./imageSource.js";

export interface Uploaded {
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
}

export interface Meter {
  readonly stream: Transform;
  /** Of all bytes that have gone through. */
  readonly result: () => Uploaded;
}

/** On each side, bytes. */
const heldBytes = 262_144;

export function createMeter(slot: MediaSlotId, maxBytes: number, onBytes: (bytes: number) => void): Meter {
  const hash = createHash("sha256");
  let size = 0;
  const stream = new Transform({
    writableHighWaterMark: heldBytes,
    readableHighWaterMark: heldBytes,
    transform: (chunk: Buffer, _encoding, done) => {
      size += chunk.length;
      if (size > maxBytes) {
        done(new MachineError("badImage", tooLarge(maxBytes)));
        return;
      }
      hash.update(chunk);
      onBytes(size);
      done(null, chunk);
    },
    flush: (done) => {
      try {
        if (slot === "floppy") {
          requireFloppy(size);
        }
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  return { stream, result: () => ({ size, sha256: hash.digest("hex") }) };
}

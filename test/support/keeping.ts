/** A Keeping that remembers what it is told. */
import assert from "node:assert/strict";

import { createKeeping, type Keeping } from "../../src/process/child/keeping.js";

export interface Told {
  readonly keeping: Keeping;
  /** The sentences, without their fields. */
  readonly lines: readonly string[];
}

export function recordedKeeping(folder: string): Told {
  const lines: string[] = [];
  return { keeping: createKeeping(folder, (_level, message) => void lines.push(message)), lines };
}

/** For tests in which all goes well. */
export const quietKeeping: Keeping = createKeeping("", (_level, message) => assert.fail(message));

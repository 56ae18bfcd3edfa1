/** The content of a System Event Log, built from the lines of its journal. */
import { decodeSelLine, encodeSelLine } from "./selLine.js";
import { createSelRing, type SelRing } from "./selRing.js";

/** Timestamp for "never", in seconds (IPMI 2.0 §37). */
export const unspecifiedTime = 0xffff_ffff;

export interface SelContent {
  readonly capacity: number;
  ring: SelRing;
  /** The BMC's time, seconds, or unspecifiedTime. */
  lastAddition: number;
  lastErase: number;
  /** Records have been overwritten since the log was last cleared. */
  hasOverflowed: boolean;
}

export function emptySel(capacity: number): SelContent {
  return {
    capacity,
    ring: createSelRing(capacity),
    lastAddition: unspecifiedTime,
    lastErase: unspecifiedTime,
    hasOverflowed: false,
  };
}

/** Throws for an invalid line. */
export function applyLine(content: SelContent, text: string): void {
  const line = decodeSelLine(text);
  switch (line?.kind) {
    case "add":
      content.hasOverflowed = content.ring.add(line.record) || content.hasOverflowed;
      content.lastAddition = line.time;
      break;
    case "delete":
      content.ring.delete(line.id);
      content.lastErase = line.time;
      break;
    case "clear":
      content.ring = createSelRing(content.capacity);
      content.lastErase = line.time;
      content.hasOverflowed = false;
      break;
    case "state":
      content.lastErase = line.time;
      content.hasOverflowed = line.hasOverflowed;
      break;
  }
}

/** Applies the line; false when it is invalid. */
export function isApplied(content: SelContent, line: string): boolean {
  try {
    applyLine(content, line);
    return true;
  } catch {
    return false;
  }
}

/** The whole content, in as few lines as possible. */
export function summaryOf({ ring, lastAddition, lastErase, hasOverflowed }: SelContent): string[] {
  return [
    encodeSelLine({ kind: "state", time: lastErase, hasOverflowed }),
    ...ring.all().map((record) => encodeSelLine({ kind: "add", time: lastAddition, record })),
  ];
}

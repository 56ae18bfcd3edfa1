/** Record IDs in requests: 0 is the first record, FFFFh the last (IPMI 2.0 §31.5). */
import type { Sel } from "../../../../model/sel/sel.js";
import { completionCode, CompletionError } from "../../completionCode.js";

const firstRecord = 0x0000;
const lastRecord = 0xffff;

/** Throws CBh if there is no such record, including when the SEL is empty. */
export function selRecordWithId(sel: Sel, id: number): Buffer {
  const record = id === firstRecord ? sel.first() : id === lastRecord ? sel.last() : sel.find(id);
  if (!record) {
    throw new CompletionError(completionCode.notPresent, `the SEL has no record ${id}`);
  }
  return record;
}

/** Commands of the System Event Log (IPMI 2.0 chapter 31). */
import type { Command } from "../../command.js";
import { addSelEntry } from "./addSelEntry.js";
import { clearSel } from "./clearSel.js";
import { deleteSelEntry } from "./deleteSelEntry.js";
import { getAuxiliaryLogStatus } from "./getAuxiliaryLogStatus.js";
import { getSelAllocationInfo } from "./getSelAllocationInfo.js";
import { getSelEntry } from "./getSelEntry.js";
import { getSelInfo } from "./getSelInfo.js";
import { reserveSel } from "./reserveSel.js";
import { getSelTime, setSelTime } from "./selTime.js";
import { getSelTimeUtcOffset, setSelTimeUtcOffset } from "./selTimeUtcOffset.js";

export const selCommands: readonly Command[] = [
  getSelInfo,
  getSelAllocationInfo,
  reserveSel,
  getSelEntry,
  addSelEntry,
  deleteSelEntry,
  clearSel,
  getSelTime,
  setSelTime,
  getSelTimeUtcOffset,
  setSelTimeUtcOffset,
  getAuxiliaryLogStatus,
];

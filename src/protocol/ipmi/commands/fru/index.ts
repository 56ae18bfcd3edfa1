/** Commands of the FRU inventory (IPMI 2.0 chapter 34). */
import type { Command } from "../../command.js";
import { getFruInventoryAreaInfo } from "./getFruInventoryAreaInfo.js";
import { readFruData } from "./readFruData.js";
import { writeFruData } from "./writeFruData.js";

export const fruCommands: readonly Command[] = [getFruInventoryAreaInfo, readFruData, writeFruData];

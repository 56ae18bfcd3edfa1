import type { Command } from "../../command.js";

export const transportCommands: readonly Command[] = [];

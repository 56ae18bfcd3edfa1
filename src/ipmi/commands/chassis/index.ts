import type { Command } from "../../command.js";

export const chassisCommands: readonly Command[] = [];

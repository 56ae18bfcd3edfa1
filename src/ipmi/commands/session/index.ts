import type { Command } from "../../command.js";

export const sessionCommands: readonly Command[] = [];

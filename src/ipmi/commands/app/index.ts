import type { Command } from "../../command.js";

export const appCommands: readonly Command[] = [];

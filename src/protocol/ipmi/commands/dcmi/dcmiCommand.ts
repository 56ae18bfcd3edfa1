/** Common to all DCMI commands: the group extension DCh (DCMI 1.5 §6). */
import type { CommandDefinition } from "../../command.js";
import { netFn } from "../../netFn.js";

export const dcmiGroup = {
  netFn: netFn.group,
  group: 0xdc,
} as const satisfies Partial<CommandDefinition<unknown, unknown>>;

/** DCMI Specification Conformance: 1.5. */
export const conformance: readonly number[] = [0x01, 0x05];

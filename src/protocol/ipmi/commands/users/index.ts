/** Commands that manage users (IPMI 2.0 §22.26-30, §24.6-7). */
import type { Command } from "../../command.js";
import { getUserAccess } from "./getUserAccess.js";
import { getUserName } from "./getUserName.js";
import { getUserPayloadAccess } from "./getUserPayloadAccess.js";
import { setUserAccess } from "./setUserAccess.js";
import { setUserName } from "./setUserName.js";
import { setUserPassword } from "./setUserPassword.js";
import { setUserPayloadAccess } from "./setUserPayloadAccess.js";

export const userCommands: readonly Command[] = [
  setUserAccess,
  getUserAccess,
  setUserName,
  getUserName,
  setUserPassword,
  setUserPayloadAccess,
  getUserPayloadAccess,
];

import { homedir, userInfo } from "node:os";

/** The user's home; undefined where HOME is not set, or empty, and the user has no entry in passwd. */
export function homeFolder(): string | undefined {
  try {
    return homedir() || userInfo().homedir;
  } catch {
    return undefined;
  }
}

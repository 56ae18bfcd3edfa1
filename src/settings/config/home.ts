/** The user's home folder. */
import { homedir, userInfo } from "node:os";

/** The home of a process of this user's with another environment. */
export function homeFolderIn({ HOME: home }: Readonly<Record<string, string | undefined>>): string | undefined {
  try {
    // An empty HOME counts as unset, as in homeFolder.
    return home || userInfo().homedir;
  } catch {
    return undefined;
  }
}

/** The user's home; undefined where HOME is not set, or empty, and the user has no entry in passwd. */
export function homeFolder(): string | undefined {
  try {
    return homedir() || userInfo().homedir;
  } catch {
    return undefined;
  }
}

/** `vbmc` in this process, with the daemon's port and its HOME given by the test. */
import { writeFileSync } from "node:fs";
import path from "node:path";

import { main } from "../../src/cli/main.js";
import type { Answer } from "../support/originalClient.js";

/** Lets every command of this process ask the plain control socket on a port. */
export function useControlPort(home: string, port: number, further = ""): void {
  const file = path.join(home, "virtualbmc.conf");
  writeFileSync(file, `[default]\nserver_port = ${port}\nserver_auth = none\n${further}`);
  Object.assign(process.env, { HOME: home, VIRTUALBMC_CONFIG: file });
}

/** @param width of the terminal; absent: no terminal shows the output */
export async function vbmc(argv: readonly string[], width?: number): Promise<Answer> {
  let stdout = "";
  let stderr = "";
  const out = (text: string) => void (stdout += text);
  const error = (text: string) => void (stderr += text);
  const rc = await main(argv, "vbmc", { out, error, width, isColoured: false });
  return { rc, stdout, stderr };
}

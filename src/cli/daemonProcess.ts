/** Finds a daemon that is starting up and does not listen yet. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

import type { Config } from "../settings/config/config.js";
import { homeFolderIn } from "../settings/config/home.js";
import { loadConfig } from "../settings/config/loadConfig.js";
import { placesOf } from "../settings/config/places.js";

/**
 * The pid of a vbmcd that will listen on the control port of `config`, according to its environment and settings;
 * undefined if there is none. For use while nothing listens there.
 */
export function findDaemon(config: Config): number | undefined {
  const pids = readIfThere(() => readdirSync("/proc"))?.filter((name) => /^\d+$/.test(name));
  // Without /proc there is only the pid file, which is written later during startup.
  if (pids === undefined || pids.length === 0) {
    return pidIn(config.pidFile);
  }
  return pids.map(Number).find((pid) => pid !== process.pid && hasPort(pid, daemonName(pid), config));
}

/** Recognises vbmcd by its command line: run by node, or by `env` before that; it sets its own title later. */
function daemonName(pid: number): string | undefined {
  const words = (readIfThere(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")) ?? "").split("\0");
  const [program = "", script = ""] = words.map((word) => path.basename(word.trim()));
  const name = /^(node|nodejs|env)$/.test(program) ? script : program;
  return /^vs?bmcd(\.js)?$/.test(name) ? name : undefined;
}

function hasPort(pid: number, daemon: string | undefined, config: Config): boolean {
  if (daemon === undefined) {
    return false;
  }
  const text = readIfThere(() => readFileSync(`/proc/${pid}/environ`, "utf8"));
  // Not readable, as for a program with capabilities.
  if (text === undefined) {
    return pidIn(config.pidFile) === pid;
  }
  const environment = Object.fromEntries(text.split("\0").map((line) => splitOnce(line)));
  if (statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid !== process.geteuid?.()) {
    return false;
  }
  const read = readIfThere(() => loadConfig(environment, homeFolderIn(environment), placesOf(daemon)));
  return read?.serverPort === config.serverPort;
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
}

function pidIn(file: string): number | undefined {
  const pid = Number(readIfThere(() => readFileSync(file, "utf8")));
  return Number.isInteger(pid) && pid > 1 && readIfThere(() => process.kill(pid, 0)) === true ? pid : undefined;
}

/** undefined if it is missing or not readable. */
function readIfThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/**
 * OpenStack Ironic, standalone, from Debian's packages: an API and a conductor that talk by JSON-RPC over loopback, a
 * database in one file, and no one to authenticate to. Everything is in a temporary folder.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { createIronicRequest, type IronicRequest } from "./ironicApi.js";
import { ironicConfiguration, type IronicSettings } from "./ironicConfiguration.js";
import { createIronicLog, type IronicLog } from "./ironicLog.js";
import { peer } from "./peer.js";
import { freeTcpPort } from "./ports.js";
import { withoutCertificates } from "./programs.js";
import { isCommand, run } from "./programs.js";
import { removeFolder } from "./temporaryFolder.js";

/** ipmitool is what the hardware type `ipmi` runs. */
export const ironicPeer = peer("ironic-api ironic-conductor ipmitool", () =>
  ["ironic-api", "ironic-conductor", "ironic-dbsync", "ipmitool"].every(isCommand),
);

export interface Ironic extends Pick<IronicLog, "text" | "tail" | "logged"> {
  /** Without `/v1`. */
  readonly url: string;
  /** Its temporary folder; images are taken from there (`file://`). */
  readonly folder: string;
  /** Of the resource behind `/v1/`; throws IronicError. */
  readonly request: IronicRequest;
  /** Starts the conductor again with settings in place of, or beside, those that it has. */
  readonly configure: (settings: IronicSettings) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Service {
  /** Resolves when the service is there, rejects when it ends or takes too long. */
  readonly isUp: Promise<unknown>;
  readonly end: () => Promise<void>;
}

/** Ironic waits for what it is doing; what a test has left under way need not be waited for. */
const gracefulEndMs = 5_000;
const conductorIsUp = /Created RPC server with json-rpc transport/;
const apiIsUp = /wsgi starting up on/;

/** `settings` go over those of `ironicConfiguration`. */
export async function startIronic(settings: IronicSettings = {}): Promise<Ironic> {
  const folder = await mkdtemp(path.join(tmpdir(), "vbmc-ironic-"));
  const file = path.join(folder, "ironic.conf");
  const apiPort = await freeTcpPort();
  const url = `http://127.0.0.1:${apiPort}`;
  // What the agent is asked to call.
  const own = { service_catalog: { auth_type: "none", endpoint_override: url } };
  const given = [{ api: { port: apiPort }, json_rpc: { port: await freeTcpPort() } }, own, settings];
  const log = createIronicLog();
  const apiLog = createIronicLog();
  const writeConfiguration = () => writeFile(file, ironicConfiguration(folder, given), { mode: 0o600 });
  const serveConductor = () => serve("ironic-conductor", file, log, conductorIsUp);

  await writeConfiguration();
  await makeDatabase(file);
  const api = serve("ironic-api", file, apiLog, apiIsUp);
  let conductor = serveConductor();

  async function close(): Promise<void> {
    await Promise.all([conductor.end(), api.end()]);
    await removeFolder(folder);
  }

  try {
    await Promise.all([api.isUp, conductor.isUp]);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...log,
    url,
    folder,
    request: createIronicRequest(url),
    configure: async (changed) => {
      given.push(changed);
      await writeConfiguration();
      await conductor.end();
      conductor = serveConductor();
      await conductor.isUp;
    },
    close,
  };
}

async function makeDatabase(configurationFile: string): Promise<void> {
  const made = await run("ironic-dbsync", ["--config-file", configurationFile, "create_schema"]);
  if (made.code !== 0) {
    throw new Error(`ironic-dbsync: ${made.stderr}`);
  }
}

function serve(program: string, configurationFile: string, log: IronicLog, isUp: RegExp): Service {
  const child = spawn(program, ["--config-file", configurationFile], {
    stdio: ["ignore", "pipe", "pipe"],
    env: withoutCertificates(process.env),
  });
  const from = log.text().length;
  log.follow(child.stdout);
  log.follow(child.stderr);
  const exited = once(child, "exit");
  const ended = exited.then(() => {
    throw new Error(`${program} ended: ${log.tail()}`);
  });
  ended.catch(() => undefined);
  return { isUp: Promise.race([log.logged(isUp, from), ended]), end: () => end(child, exited) };
}

/** The API's worker ends with its parent. */
async function end(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), gracefulEndMs);
  await exited;
  clearTimeout(timer);
}

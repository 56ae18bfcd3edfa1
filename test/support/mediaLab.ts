/** What tests of virtual media need: a vCenter whose VM pyVmomi sees, a server of images, and a BMC with IPMI and Redfish. */
import assert from "node:assert/strict";
import path from "node:path";

import { type ImageServer, startImageServer } from "./imageServer.js";
import { closedAtTheEnd } from "./leftOpen.js";
import { freeTcpPort, freeUdpPort } from "./ports.js";
import { type Outcome, run } from "./programs.js";
import { type Daemon, startDaemon } from "./stack.js";
import type { RunningVcenter, Vcenter } from "./vcenters.js";
import { openWitness, type Witness, type WitnessedDrive } from "./witness.js";

export interface MediaLab {
  readonly vcenter: RunningVcenter;
  readonly witness: Witness;
  readonly images: ImageServer;
  readonly daemon: Daemon;
  readonly vmName: string;
  readonly ipmiPort: number;
  readonly redfishPort: number;
  /** File of the certificate that the Redfish service shows. */
  readonly authority: string;
  /** `ipmitool` as the BMC's user. */
  readonly ipmitool: (...words: string[]) => Promise<Outcome>;
  /** The CD drive as pyVmomi sees it. */
  readonly drive: () => Promise<WitnessedDrive>;
  /** Names of the files in our folder of the datastore. */
  readonly stored: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

/** Of the BMC. */
export const bmcAccount = { username: "admin", password: "pa55word" } as const;

/** `configuration` is added to `[media]`. */
export async function startMediaLab(vcenter: Vcenter, configuration = ""): Promise<MediaLab> {
  const running = await vcenter.start(1);
  const witness = await openWitness(running.url, running.username, running.password);
  const images = await startImageServer();
  const daemon = await startDaemon(`[media]\nimage_loopback = true\n${configuration}`);
  const [vmName = ""] = await witness.names();
  const [ipmiPort, redfishPort] = [await freeUdpPort(), await freeTcpPort()];
  const bmc = ["--address", "127.0.0.1", "--port", String(ipmiPort), "--redfish-port", String(redfishPort)];
  const viserver = ["--viserver", new URL(running.url).host, "--viserver-username", running.username];
  const secrets = ["--password", bmcAccount.password, "--viserver-password", running.password];
  const user = ["--username", bmcAccount.username];
  const silent = { code: 0, stdout: "", stderr: "" };
  assert.deepEqual(await daemon.vbmc("add", vmName, ...bmc, ...user, ...viserver, ...secrets), silent);
  assert.deepEqual(await daemon.vbmc("start", vmName), silent);
  return {
    vcenter: running,
    witness,
    images,
    daemon,
    vmName,
    ipmiPort,
    redfishPort,
    authority: path.join(daemon.home, ".vbmc/.redfish-certificate.pem"),
    ipmitool: (...words) =>
      run("ipmitool", [
        ...["-I", "lanplus", "-H", "127.0.0.1", "-p", String(ipmiPort)],
        ...["-U", bmcAccount.username, "-P", bmcAccount.password, ...words],
      ]),
    drive: async () => (await witness.media(vmName))[0]!,
    stored: async () => (await witness.files(vmName, "vbmc-media")).map(([name]) => name),
    close: closedAtTheEnd(async () => {
      await daemon.close();
      await witness.close();
      await images.close();
      await running.close();
    }),
  };
}

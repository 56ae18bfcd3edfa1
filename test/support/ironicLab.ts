/** What a test of Ironic needs: a vCenter that can be away, its VMs seen by pyVmomi, `vbmcd` with BMCs, and Ironic. */
import assert from "node:assert/strict";

import { type FaultyProxy, startFaultyProxy } from "./faultyProxy.js";
import { type Ironic, startIronic } from "./ironic.js";
import type { IronicSettings } from "./ironicConfiguration.js";
import { freeTcpPort, freeUdpPort } from "./ports.js";
import { type Daemon, startDaemon } from "./stack.js";
import { type RunningVcenter, type Vcenter, vcenters } from "./vcenters.js";
import { openWitness, type Witness, type WitnessedMachine } from "./witness.js";

export const bmcAccount = { username: "ironic", password: "pa55word" } as const;

export interface IronicLab {
  readonly vcenter: RunningVcenter;
  /** Between the BMCs and the vCenter; the witness goes round it. */
  readonly proxy: FaultyProxy;
  readonly witness: Witness;
  readonly daemon: Daemon;
  readonly ironic: Ironic;
  /**
   * Adds and starts the BMC of a VM. Ironic leaves a second between two ipmitools to one address, whatever the port: each BMC
   * has an address of its own.
   */
  readonly serve: (vmName: string) => Promise<{ readonly address: string; readonly port: number }>;
  /** The same for a BMC with Redfish; resolves with the address of its service. */
  readonly serveRedfish: (vmName: string) => Promise<string>;
  /** As vSphere has it. */
  readonly power: (vmName: string) => Promise<WitnessedMachine["powerState"]>;
  readonly close: () => Promise<void>;
}

export interface IronicLabOptions {
  /** The embedded simulator, unless another one is given. */
  readonly vcenter?: Vcenter;
  readonly settings?: IronicSettings;
  /** BMCs do not go over the proxy, which passes SOAP only. */
  readonly isDirect?: true;
  /** Appended to virtualbmc.conf. */
  readonly configuration?: string;
}

/** VMs of the embedded simulator are named `vm-01` to `vm-09`. */
export async function startIronicLab(vmCount: number, options: IronicLabOptions = {}): Promise<IronicLab> {
  // First what is most likely to fail: then nothing else is left running.
  const ironic = await startIronic(options.settings);
  const vcenter = await (options.vcenter ?? vcenters[0]!).start(vmCount);
  const proxy = await startFaultyProxy(vcenter.url);
  const [witness, daemon] = await Promise.all([
    openWitness(vcenter.url, vcenter.username, vcenter.password),
    startDaemon(options.configuration),
  ]);
  let served = 0;

  async function serve(vmName: string, further: readonly string[]): Promise<{ address: string; port: number }> {
    const address = `127.0.3.${++served}`;
    const port = await freeUdpPort();
    const bmc = ["--address", address, "--port", String(port), "--username", bmcAccount.username, ...further];
    const target = options.isDirect === true ? new URL(vcenter.url).host : `127.0.0.1:${proxy.port}`;
    const viserver = ["--viserver", target, "--viserver-username", vcenter.username];
    const secrets = ["--password", bmcAccount.password, "--viserver-password", vcenter.password];
    const added = await daemon.vbmc("add", vmName, ...bmc, ...viserver, ...secrets);
    assert.deepEqual(added, { code: 0, stdout: "", stderr: "" });
    assert.deepEqual(await daemon.vbmc("start", vmName), { code: 0, stdout: "", stderr: "" });
    return { address, port };
  }

  return {
    vcenter,
    proxy,
    witness,
    daemon,
    ironic,
    serve: (vmName) => serve(vmName, []),
    serveRedfish: async (vmName) => {
      const port = await freeTcpPort();
      const { address } = await serve(vmName, ["--redfish-port", String(port)]);
      return `https://${address}:${port}`;
    },
    power: async (vmName) => (await witness.look(vmName)).powerState,
    close: async () => {
      await ironic.close();
      await daemon.close();
      await witness.close();
      await proxy.close();
      await vcenter.close();
    },
  };
}

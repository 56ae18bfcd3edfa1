/** From stored values to the configuration of a BMC's process and the link for its VM. */
import { createHash } from "node:crypto";
import path from "node:path";

import { defined } from "../../base/defined.js";
import { colonHex } from "../../base/hex.js";
import { fileFault } from "../../io/files/errno.js";
import { readRegularFile } from "../../io/files/regularFile.js";
import type { Config } from "../../settings/config/config.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";
import type { BmcConfiguration, LinkConfiguration, MediaConfiguration, ServedMachine } from "../ipc/configuration.js";
import type { ConsoleMode } from "../ipc/console.js";
import { consoleModeOf } from "./console/consoleMode.js";

/** A BMC as it should run: the configuration for its child, and the link that serves its VM. */
export interface DesiredBmc {
  readonly configuration: BmcConfiguration;
  /** Changes with the configuration. */
  readonly fingerprint: string;
  readonly route: LinkRoute | NoRoute;
  /** undefined: it has no console. */
  readonly console: ConsoleMode | undefined;
}

export interface LinkRoute {
  /** The same for all BMCs that share a link; a digest, since it includes the password. */
  readonly key: string;
  readonly configuration: LinkConfiguration;
  readonly machine: ServedMachine;
}

/** Why no link can serve it. */
export interface NoRoute {
  readonly reason: string;
}

/** The MAC address that the original derives: 02:00:00 and three bytes of the MD5 of the name. */
export function defaultFakemac(vmName: string): string {
  const digest = createHash("md5").update(vmName).digest();
  return colonHex([0x02, 0x00, 0x00, ...digest.subarray(0, 3)]);
}

/**
 * @param folder the BMC's folder, absolute
 * @param firmwareVersion our own version
 */
export function toDesiredBmc(bmc: StoredBmc, folder: string, config: Config, firmwareVersion: string): DesiredBmc {
  const console = consoleModeOf(bmc, config);
  const configuration: BmcConfiguration = defined({
    vmName: bmc.name,
    firmwareVersion,
    address: bmc.address,
    port: bmc.port,
    username: bmc.username,
    password: bmc.password,
    fakemac: bmc.fakemac ?? defaultFakemac(bmc.vmName),
    vmUuid: bmc.vmUuid,
    directory: folder,
    ipmi: defined({ ...config.ipmi, kgHex: bmc.kg }),
    ...toRedfish(bmc.redfishPort, config),
    console: console === undefined ? undefined : defined({ solPort: bmc.solPort }),
  });
  return { configuration, fingerprint: digest(configuration), route: toRoute(bmc, folder, config), console };
}

/** With the page, every BMC has a Redfish service, even without a port of its own. */
function toRedfish(port: number | undefined, { redfish, web }: Config): Pick<BmcConfiguration, "redfish"> {
  const { sessionTimeoutSeconds, maxSessions, maxConnections, allowsEventLoopback } = redfish;
  const settings = { sessionTimeoutSeconds, maxSessions, maxConnections, allowsEventLoopback };
  const fleetPort = web.listen?.port;
  return port === undefined && fleetPort === undefined
    ? {}
    : { redfish: { ...defined({ port, fleetPort }), ...settings } };
}

/** Which link serves a BMC's VM, whether it runs now or not. */
export function toRoute(bmc: StoredBmc, folder: string, config: Config): LinkRoute | NoRoute {
  const { viserver, viserverUsername, viserverPassword } = bmc;
  const set = `for ${bmc.name}: vbmc set ${bmc.name}`;
  const login = "--viserver-username … --viserver-password …";
  if (viserver === undefined) {
    return { reason: `no viserver is configured ${set} --viserver … ${login}` };
  }
  if (viserverUsername === undefined || viserverPassword === undefined) {
    return { reason: `no vSphere user name and password are configured ${set} ${login}` };
  }
  const password = readSecret(viserverPassword);
  if (typeof password !== "string") {
    return { reason: `cannot read the vSphere password of ${bmc.name}: ${password.fault}` };
  }
  const account = toAccount(
    {
      viserver,
      username: viserverUsername,
      password,
      thumbprint: bmc.viserverThumbprint,
      caFile: bmc.viserverCafile,
      insecure: bmc.viserverInsecure,
    },
    config,
  );
  const machine = defined({
    vmName: bmc.name,
    vmUuid: bmc.vmUuid,
    ...(bmc.vmName === bmc.name ? {} : { machineName: bmc.vmName }),
    directory: folder,
  });
  return { ...account, machine };
}

/** A vSphere account as users configure it. */
export interface AccountSettings {
  readonly viserver: string;
  readonly username: string;
  readonly password: string;
  readonly thumbprint: string | undefined;
  readonly caFile: string | undefined;
  readonly insecure: boolean | undefined;
}

/** The link for an account: its persistent state is stored by server and user name. */
export function toAccount(settings: AccountSettings, config: Config): Omit<LinkRoute, "machine"> {
  const { viserver, username, password, thumbprint, caFile, insecure } = settings;
  const stateDirectory = path.join(config.configDir, ".links", digest([viserver, username]).slice(0, 16));
  const configuration: LinkConfiguration = {
    viserver,
    username,
    password,
    tls: defined({
      thumbprint,
      caFile,
      insecure,
      trustFile: path.join(stateDirectory, "certificate"),
    }),
    nextBoot: config.vsphere.nextBoot,
    media: toMedia(config),
  };
  return { key: digest([configuration]), configuration };
}

function toMedia({ media, shard }: Config): MediaConfiguration {
  const { datastore, maxImageGib, maxTransferMinutes, ...others } = media;
  return defined({
    ...others,
    maxImageBytes: maxImageGib * 1024 ** 3,
    maxTransferMs: maxTransferMinutes * 60_000,
    datastore,
    shard: shard && `${shard.index}-of-${shard.count}`,
  });
}

/** A value `@/path/of/a/file` means the first line of that file. */
export function isKeptElsewhere(value: string): boolean {
  return value.startsWith("@/");
}

/** Bytes. */
const maxSecretFileBytes = 64 * 1024;

export function readSecret(value: string): string | { readonly fault: string } {
  if (!isKeptElsewhere(value)) {
    return value;
  }
  try {
    return readRegularFile(value.slice(1), maxSecretFileBytes).toString().split(/\r?\n/, 1)[0] ?? "";
  } catch (error) {
    return { fault: `${value.slice(1)}: ${fileFault(error)}` };
  }
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

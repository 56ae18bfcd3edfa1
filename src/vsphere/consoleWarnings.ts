/**
 * What may keep a network serial port from working although it is set up: the licence, and the firewall of the VM's host.
 * What the server does not tell is no warning.
 */
import type { NetworkBacking } from "../model/machine/serialPort.js";
import { featuresOfLicences } from "./licence.js";
import type { MoRef } from "./moRef.js";
import { readProperties } from "./properties.js";
import type { VimSession } from "./session.js";
import { booleanOf, fieldOf, listOf, textOf } from "./soapValue.js";
import { VimFault } from "./vimErrors.js";

/** LicenseManagerLicenseInfo's feature, such as `serialuri:2`: without it the port stays disconnected. */
const licenceFeature = "serialuri";

/** HostFirewallRuleset.key: connections of VMs to others, and in addition from others to VMs. Both are off by default. */
const outwards = "vSPC";
const bothWays = "remoteSerialPort";

/** One line each. `backing`: undefined where no port is set up, and a concentrator is what is wanted. */
export async function consoleWarnings(
  session: VimSession,
  host: MoRef | undefined,
  backing: NetworkBacking | undefined,
): Promise<readonly string[]> {
  const [licence, firewall] = await Promise.all([
    licenceWarning(session),
    host === undefined ? undefined : firewallWarning(session, host, backing),
  ]);
  return [licence, firewall].flatMap((warning) => warning ?? []);
}

async function licenceWarning(session: VimSession): Promise<string | undefined> {
  const licences = await featuresOfLicences(session);
  const isWithout = licences.length > 0 && licences.every(({ features }) => lacks(features));
  return isWithout
    ? `the licence ${licences[0]?.name ?? ""} has no network serial ports (feature serialuri:2), so the port will stay ` +
        "disconnected: give the host an Enterprise Plus licence"
    : undefined;
}

/** `undefined`: all features; some servers list none. */
function lacks(features: readonly string[] | undefined): boolean {
  return (
    features !== undefined && features.length > 0 && !features.some((name) => name.split(":")[0] === licenceFeature)
  );
}

async function firewallWarning(
  session: VimSession,
  host: MoRef,
  backing: NetworkBacking | undefined,
): Promise<string | undefined> {
  const properties = await readProperties(session, host, ["name", "config.firewall"]).catch((error: unknown) => {
    if (error instanceof VimFault) {
      return undefined;
    }
    throw error;
  });
  const firewall = properties?.get("config.firewall");
  const ruleSets = firewall instanceof VimFault ? [] : listOf(fieldOf(firewall, "ruleset"));
  const isEnabled = (key: string): boolean | undefined =>
    booleanOf(
      fieldOf(
        ruleSets.find((each) => textOf(fieldOf(each, "key")) === key),
        "enabled",
      ),
    );
  const isServer = backing?.direction === "server" && backing.proxyUri === undefined;
  const wanted = isServer ? bothWays : outwards;
  const isOpen = isEnabled(bothWays) === true || (!isServer && isEnabled(outwards) === true);
  if (isOpen || isEnabled(wanted) === undefined) {
    return undefined;
  }
  const name = textOf(properties?.get("name")) ?? "the VM's host";
  return (
    `the firewall of ${name} keeps serial ports from the network: enable its rule set ${wanted} ` +
    `(esxcli network firewall ruleset set -r ${wanted} -e true), and that of every other host that the VM may move to`
  );
}

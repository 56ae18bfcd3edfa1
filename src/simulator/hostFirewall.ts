/** The firewall of a host: the rule sets that network serial ports need. */
import { array, boolean, structure, text, type Value } from "./value.js";

/** [key, label] */
const ruleSets = [
  ["sshServer", "SSH Server"],
  ["remoteSerialPort", "VM serial port connected over network"],
  ["vSPC", "VM serial port connected to vSPC"],
] as const;

/** HostFirewallInfo */
export function firewallInfo(enabled: ReadonlySet<string>): Value {
  return structure("HostFirewallInfo", {
    defaultPolicy: structure("HostFirewallDefaultPolicy", {
      incomingBlocked: boolean(true),
      outgoingBlocked: boolean(true),
    }),
    ruleset: array(
      "HostFirewallRuleset",
      ruleSets.map(([key, label]) =>
        structure("HostFirewallRuleset", {
          key: text(key),
          label: text(label),
          required: boolean(false),
          enabled: boolean(key === "sshServer" || enabled.has(key)),
        }),
      ),
    ),
  });
}

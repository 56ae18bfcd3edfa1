/** Command lines and manifests for this BMC, to copy. */
import type { BmcRow } from "../state/fleet.js";

export interface ExampleLine {
  readonly label: string;
  readonly text: string;
}

export function exampleLines(row: BmcRow): ExampleLine[] {
  const host = hostOf(row.address);
  return [
    {
      label: "ipmitool",
      text: `ipmitool -I lanplus -H ${host} -p ${row.port} -U admin -P PASSWORD chassis power status`,
    },
    { label: "curl", text: `curl -k -u USER:PASSWORD ${location.origin}${row.systemUri}` },
    { label: "BareMetalHost", text: bareMetalHost(row, host) },
  ];
}

/** A wildcard stands for the address by which this page is reached. */
function hostOf(address: string): string {
  const isWildcard = address === "::" || address === "0.0.0.0" || address === "";
  return isWildcard ? location.hostname.replace(/^\[|\]$/g, "") : address;
}

function bareMetalHost(row: BmcRow, host: string): string {
  const bracketed = host.includes(":") ? `[${host}]` : host;
  const address =
    row.redfishPort === undefined
      ? `redfish-virtualmedia+${location.origin}${row.systemUri}`
      : `redfish-virtualmedia+https://${bracketed}:${row.redfishPort}/redfish/v1/Systems/1`;
  return [
    "apiVersion: metal3.io/v1alpha1",
    "kind: BareMetalHost",
    "metadata:",
    `  name: ${row.name.toLowerCase().replace(/[^a-z0-9.-]+/g, "-")}`,
    "spec:",
    "  online: true",
    "  bootMACAddress: MAC ADDRESS OF THE VM",
    "  bmc:",
    `    address: ${address}`,
    `    credentialsName: ${row.name.toLowerCase().replace(/[^a-z0-9.-]+/g, "-")}-bmc`,
    "    disableCertificateVerification: true",
  ].join("\n");
}

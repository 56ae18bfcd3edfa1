/**
 * The keys of a BMC's file, in the order of a file that the original wrote; ours come after them, only when set. The
 * meanings are Markdown, for docs/configuration.md and vbmc.conf(5).
 */
export const bmcKeys = {
  vm_name: "name of the VM in vCenter; the folder's name if it is missing",
  vm_uuid: "instance UUID of the VM: then the name does not matter",
  username: "name of the IPMI user, up to 16 bytes; must be there",
  password: "password of the IPMI user, up to 20 bytes; must be there",
  port: "UDP port, 1 to 65535; must be there",
  address:
    "IPv4 or IPv6 address to listen on, or a host name that is resolved at each start; `::`, the default, is all of both kinds",
  fakemac: "MAC address that the BMC tells; by default made from the name",
  viserver: "vCenter or ESXi host: `host`, `host:port`, `[v6]:port`",
  viserver_username: "user name at the viserver; goes with a password",
  viserver_password: "password at the viserver; `@/a/file` is read when it is used",
  active: "`True` in any case: the daemon runs the BMC. Anything else does not",
  kg: "the BMC key Kg: up to 20 bytes of text, or `0x` and 40 hex digits",
  viserver_thumbprint: "SHA-256 or SHA-1 fingerprint that the server's certificate must have",
  viserver_cafile: "file of the certificate authority that vouches for the server",
  viserver_insecure: "`true`: any certificate will do",
  redfish_port: "TCP port of the BMC's Redfish service, 1 to 65535; without it there is none",
} as const;

export type StoredKey = keyof typeof bmcKeys;

export const keyOrder = Object.keys(bmcKeys) as readonly StoredKey[];

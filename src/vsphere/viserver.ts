/** Parses the address of a vCenter or ESXi host as users write it. */
import { isIPv6 } from "node:net";

export interface Viserver {
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
}

const httpsPort = 443;

/** Accepts `host`, `host:port`, `[v6]`, `[v6]:port` and a bare `v6`; throws an Error that lists them otherwise. */
export function parseViserver(text: string): Viserver {
  if (isIPv6(text)) {
    return { host: text, port: httpsPort };
  }
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:[\]/@\s]+))(?::(?<port>\d{1,5}))?$/.exec(text);
  const { v6, name, port } = match?.groups ?? {};
  const host = v6 ?? name;
  const number = port === undefined ? httpsPort : Number(port);
  if (host === undefined || (v6 !== undefined && !isIPv6(v6)) || number < 1 || number > 65535) {
    throw new Error(`'${text}' is not a valid vCenter address: use host, host:port, [IPv6] or [IPv6]:port`);
  }
  return { host, port: number };
}

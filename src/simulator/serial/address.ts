/** Addresses of network serial ports (VirtualDeviceURIBackingInfo serviceURI and proxyURI), as ESXi reads them. */

export interface SerialAddress {
  readonly isTelnet: boolean;
  readonly isTls: boolean;
  /** Empty: any, of the host itself. */
  readonly host: string;
  readonly port: number;
  /** Of the other end's certificate, hex without colons. */
  readonly thumbprint?: string;
  /** The certificate must be signed by an authority that the host knows. */
  readonly isVerified: boolean;
}

const schemes: Readonly<Record<string, Pick<SerialAddress, "isTelnet" | "isTls">>> = {
  tcp: { isTelnet: false, isTls: false },
  tcp4: { isTelnet: false, isTls: false },
  tcp6: { isTelnet: false, isTls: false },
  ssl: { isTelnet: false, isTls: true },
  "tcp+ssl": { isTelnet: false, isTls: true },
  "tcp4+ssl": { isTelnet: false, isTls: true },
  "tcp6+ssl": { isTelnet: false, isTls: true },
  telnet: { isTelnet: true, isTls: false },
  telnets: { isTelnet: true, isTls: true },
};

/** undefined for anything but an address, such as `tcp://5000`. */
export function parseSerialAddress(uri: string): SerialAddress | undefined {
  const {
    scheme = "tcp",
    host,
    port,
    options = "",
  } = /^((?<scheme>[a-z0-9+]+):\/\/)?(?<host>\[[^\]]*\]|[^:/#]*):(?<port>\d{1,5})\/?(#(?<options>.*))?$/i.exec(uri)
    ?.groups ?? {};
  const kind = schemes[scheme.toLowerCase()];
  const number = Number(port);
  if (!kind || host === undefined || !(number > 0 && number <= 65_535)) {
    return undefined;
  }
  const parts = options.split("&");
  const thumbprint = parts.flatMap((part) => /^thumbprint=(.+)$/i.exec(part)?.[1] ?? [])[0];
  return {
    ...kind,
    host: host.replace(/^\[|\]$/g, ""),
    port: number,
    ...(thumbprint !== undefined && { thumbprint: thumbprint.replace(/:/g, "").toLowerCase() }),
    isVerified: parts.includes("verify"),
  };
}

/** Why an address and port could not be bound, and what to do. */
import { errorCode, reasonOf } from "../../base/errors.js";

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "address already in use: another program or BMC has this port; choose another PORT_OPTION or --address",
  EACCES: "permission denied: ports below 1024 need root or CAP_NET_BIND_SERVICE",
  EADDRNOTAVAIL: "this host has no such address",
  EINVAL: "this host cannot bind that address",
  ENOTFOUND: "this is not an IP address",
  EAI_AGAIN: "this is not an IP address",
  EAFNOSUPPORT: "this host does not support that address family",
};

/** @param portOption of `vbmc add` and `vbmc set` */
export function bindError(error: unknown, address: string, port: number, portOption = "--port"): Error {
  const code = errorCode(error) ?? "";
  const reason = reasons[code]?.replace("PORT_OPTION", portOption) ?? reasonOf(error);
  const shown = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  return new Error(`cannot listen on ${shown}: ${code === "" ? "" : `${code}, `}${reason}`);
}

/** Resolves an address or a host name to an IP address. */
import { lookup } from "node:dns/promises";

import { within } from "../../base/async/within.js";
import { errorCode, reasonOf } from "../../base/errors.js";
import { readAddress } from "./spelling.js";

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: "neither /etc/hosts nor DNS knows this name: add it there, or give an IP address",
  EAI_AGAIN: "the name server does not answer: look at /etc/resolv.conf, or give an IP address",
  ETIMEOUT: "the name server does not answer in time: look at /etc/resolv.conf, or give an IP address",
};

/**
 * For a name, returns its first IPv4 address, else its first address.
 * @throws Error with one line that names the host and says what to do
 */
export async function resolveAddress(text: string, timeoutMs: number): Promise<string> {
  const read = readAddress(text);
  if (read === undefined) {
    throw new Error(`${text} is neither an IP address nor a host name`);
  }
  if (read.kind === "ip") {
    return read.address;
  }
  try {
    const addresses = await within(lookup(read.name, { all: true, verbatim: true }), timeoutMs, () =>
      withCode("ETIMEOUT"),
    );
    const [first] = addresses;
    const chosen = addresses.find(({ family }) => family === 4) ?? first;
    if (chosen !== undefined) {
      return chosen.address;
    }
    throw withCode("ENOTFOUND");
  } catch (error) {
    const code = errorCode(error) ?? "";
    const reason = reasons[code] ?? reasonOf(error);
    throw new Error(`cannot resolve host name ${text}: ${code === "" ? "" : `${code}, `}${reason}`);
  }
}

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** The serial ports of the system, and how one of them becomes its console. Plain data. */

export interface SerialPort {
  readonly key: number;
  /** As vSphere names it, such as `Serial port 1`. */
  readonly label: string;
  readonly backing: SerialBacking;
  /** What is at the other end now is connected; false while the system is off. */
  readonly isConnected: boolean;
  readonly startsConnected: boolean;
  /** vim25 VirtualDeviceConnectInfo.status, such as `ok`, `recoverableError` or `unrecoverableError`. */
  readonly status?: string;
  /** The guest gives its CPU up while it polls the port. */
  readonly yieldsOnPoll: boolean;
}

export type SerialBacking =
  | ({ readonly kind: "network" } & NetworkBacking)
  /** A file, a pipe, a port of the host: its vim25 type. */
  | { readonly kind: "other"; readonly type: string };

/** vim25 VirtualSerialPortURIBackingInfo */
export interface NetworkBacking {
  /** May hold a token: see shownServiceUri. */
  readonly serviceUri: string;
  /** `client`: the system connects; `server`: it waits for a connection, or is to be found by name behind the proxy. */
  readonly direction: "client" | "server";
  /** Of a concentrator, such as `telnets://192.0.2.1:13370#thumbprint=…`. */
  readonly proxyUri?: string;
}

export interface SerialPortReport {
  readonly ports: readonly SerialPort[];
  readonly isOff: boolean;
  /** What may keep a console from working, one line each with the remedy; unknown problems are not included. */
  readonly warnings: readonly string[];
}

/** By what the console's port is known. */
export interface ConsolePortSought {
  readonly serviceUri: string;
  /** Of a direct connection, with which the port was set up before; null: none is known. */
  readonly formerUri: string | null;
}

/** JSON has no undefined: null is no proxy. */
export interface ConsoleSetup extends ConsolePortSought {
  readonly direction: NetworkBacking["direction"];
  readonly proxyUri: string | null;
  /** Reconnects the port although its settings are correct: the caller has not seen the system connect. */
  readonly reconnect: boolean;
}

export interface ConsoleSetupOutcome {
  readonly change: "added" | "changed" | "reconnected" | "none";
  readonly port: SerialPort;
  readonly warnings: readonly string[];
}

/** The scheme of the service URIs that our concentrator gives to systems: `vbmc:NAME?token=…`. */
const ownScheme = "vbmc:";

/** The port that is the console with this service URI, or that was made one with an earlier URI. */
export function findConsolePort(
  ports: readonly SerialPort[],
  { serviceUri, formerUri }: ConsolePortSought,
): SerialPort | undefined {
  const uriOf = ({ backing }: SerialPort): string | undefined =>
    backing.kind === "network" ? backing.serviceUri : undefined;
  return (
    ports.find((port) => uriOf(port) === serviceUri) ??
    ports.find((port) => uriOf(port)?.startsWith(ownScheme)) ??
    ports.find((port) => formerUri !== null && uriOf(port) === formerUri)
  );
}

/** Without its token, for people and logs. */
export function shownServiceUri(serviceUri: string): string {
  return serviceUri.replace(/(token=)[^&#]+/g, "$1…");
}

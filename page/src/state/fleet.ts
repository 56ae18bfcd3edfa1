/** All BMCs: read once, then kept up to date by the event stream. */
import {
  listOf,
  objectOf,
  type RedfishClient,
  RedfishFailure,
  type Resource,
  textOf,
  textsOf,
} from "../redfish/client.js";
import { listen } from "../redfish/events.js";
import { createStore, type Store } from "./store.js";

/** What the table shows of a BMC. */
export interface BmcRow {
  readonly name: string;
  readonly state: string;
  readonly reason: string | undefined;
  readonly power: string | undefined;
  readonly health: string | undefined;
  readonly address: string;
  readonly port: number;
  readonly redfishPort: number | undefined;
  readonly vcenter: string;
  readonly host: string | undefined;
  readonly guestHostName: string | undefined;
  readonly guestAddress: string | undefined;
  readonly console: string | undefined;
  readonly media: readonly string[];
  readonly lastEvent: { readonly at: string; readonly text: string } | undefined;
  readonly systemUri: string;
  readonly managerUri: string;
  readonly chassisUri: string;
}

export type Connection = "connecting" | "connected" | "lost";

export interface Fleet {
  /** Sorted by name; undefined until the first answer. */
  readonly rows: Store<readonly BmcRow[] | undefined>;
  readonly connection: Store<Connection>;
  /** Why the list cannot be read. */
  readonly failure: Store<string | undefined>;
  /** Calls the listener for each event about a BMC; returns the function that unsubscribes. */
  readonly onEvent: (listener: (name: string) => void) => () => void;
  readonly close: () => void;
}

const bmcsUri = "/redfish/v1/Oem/Vbmc/Bmcs";
const streamUri = "/redfish/v1/EventService/SSE";
/** Events within this time are answered together, ms. */
const gatherMs = 150;
/** More changes than this are read as the whole list. */
const maxSingleReads = 10;

export function createFleet(client: RedfishClient): Fleet {
  const rows = createStore<readonly BmcRow[] | undefined>(undefined);
  const connection = createStore<Connection>("connecting");
  const failure = createStore<string | undefined>(undefined);
  const listeners = new Set<(name: string) => void>();
  const dirty = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function readAll(): Promise<void> {
    try {
      const members = listOf((await client.get(bmcsUri))["Members"]);
      rows.set(members.map(toRow).sort(byName));
      failure.set(undefined);
    } catch (error) {
      failure.set(error instanceof RedfishFailure ? error.message : String(error));
    }
  }

  async function readOne(uri: string): Promise<void> {
    const row = await client.get(uri).then(toRow, (error: unknown) => {
      if (error instanceof RedfishFailure && error.status === 404) {
        return undefined;
      }
      throw error;
    });
    const others = (rows.get() ?? []).filter(({ name }) => `${bmcsUri}/${encodeURIComponent(name)}` !== uri);
    rows.set(row ? [...others, row].sort(byName) : others);
  }

  async function readChanged(): Promise<void> {
    timer = undefined;
    const uris = [...dirty];
    dirty.clear();
    if (uris.length > maxSingleReads) {
      await readAll();
    } else {
      await Promise.all(uris.map(readOne)).catch(readAll);
    }
  }

  function noteChange(uri: string): void {
    dirty.add(uri);
    timer ??= setTimeout(() => void readChanged(), gatherMs);
  }

  const stop = listen(client, streamUri, {
    onOpen: () => {
      connection.set("connected");
      void readAll();
    },
    onLost: () => connection.set("lost"),
    onEvent: (origin) => {
      if (origin.startsWith(`${bmcsUri}/`)) {
        noteChange(origin);
      }
      const [, id] = /^\/redfish\/v1\/(?:Systems|Managers|Chassis|Oem\/Vbmc\/Bmcs)\/([^/]+)/.exec(origin) ?? [];
      if (id !== undefined) {
        listeners.forEach((listener) => listener(decodeURIComponent(id)));
      }
    },
  });

  return {
    rows,
    connection,
    failure,
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => {
      clearTimeout(timer);
      stop();
    },
  };
}

function byName(a: BmcRow, b: BmcRow): number {
  return a.name.localeCompare(b.name, undefined, { numeric: true });
}

function toRow(resource: Resource): BmcRow {
  const lastEvent = objectOf(resource["LastEvent"]);
  const links = objectOf(resource["Links"]);
  const at = textOf(lastEvent["Created"]);
  return {
    name: textOf(resource["Id"]) ?? "",
    state: textOf(resource["State"]) ?? "",
    reason: textOf(resource["StateReason"]),
    power: textOf(resource["PowerState"]),
    health: textOf(resource["Health"]),
    address: textOf(resource["Address"]) ?? "",
    port: Number(resource["IpmiPort"] ?? 0),
    redfishPort: typeof resource["RedfishPort"] === "number" ? resource["RedfishPort"] : undefined,
    vcenter: textOf(resource["VCenter"]) ?? "",
    host: textOf(resource["Host"]),
    guestHostName: textOf(resource["GuestHostName"]),
    guestAddress: textOf(resource["GuestAddress"]),
    console: textOf(resource["Console"]),
    media: textsOf(resource["Media"]),
    lastEvent: at === undefined ? undefined : { at, text: textOf(lastEvent["Message"]) ?? "" },
    systemUri: textOf(objectOf(links["System"])["@odata.id"]) ?? "",
    managerUri: textOf(objectOf(links["Manager"])["@odata.id"]) ?? "",
    chassisUri: textOf(objectOf(links["Chassis"])["@odata.id"]) ?? "",
  };
}

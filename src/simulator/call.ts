/** What methods are made of: the call that they answer, and what they may use. */
import type { Collectors } from "./collectors.js";
import { Fault } from "./fault.js";
import type { Inventory } from "./inventory.js";
import type { Consoles } from "./serial/consoles.js";
import type { Session, Sessions } from "./sessions.js";
import type { SimulatedVm } from "./simulatedVm.js";
import type { Tasks } from "./tasks.js";
import { type Reference, text, type Value } from "./value.js";
import { child, type Element } from "./xml.js";

/** What a method works with. */
export interface Call {
  readonly target: Reference;
  /** The request element: `_this` and the arguments. */
  readonly request: Element;
  readonly session: Session;
  readonly service: Service;
}

export interface Service {
  readonly inventory: Inventory;
  readonly sessions: Sessions;
  readonly tasks: Tasks;
  readonly collectors: Collectors;
  /** What the list views list, by ID of the view and of the object. */
  readonly listViews: Map<string, Map<string, Reference>>;
  readonly isEsxi: boolean;
  /** about.instanceUuid of a vCenter. */
  readonly serverUuid: () => string;
  /** Tickets for the vm-support page and for files, by ID. */
  readonly tickets: Map<string, Ticket>;
  /** SHA-1 fingerprint of the certificate, with colons; undefined over plain HTTP. */
  readonly thumbprint: string | undefined;
  readonly guestShutdownMs: () => number;
  /** Whether the account has the privilege on the object. */
  readonly isGranted: (object: Reference, privilege: string) => boolean;
  /** Every change is RestrictedVersion. */
  readonly hasFreeLicence: () => boolean;
  /** The host takes no logins but those of its exception users. */
  readonly isLockedDown: () => boolean;
  readonly refusesBootOrderWhileOn: () => boolean;
  readonly powerOffEndsQuestion: () => boolean;
  /** How long a change waits for the answer to its question, ms. */
  readonly questionPatienceMs: () => number;
  /** A guest that has started from a CD holds the drive. */
  readonly guestsHoldCdrom: () => boolean;
  /** Of VMs with network serial ports. */
  readonly consoles: Consoles;
  readonly later: (delayMs: number, step: () => void) => void;
  readonly xsi: () => string;
}

/** What an AcquireGenericServiceTicket allows, once. */
export interface Ticket {
  readonly url: string;
  /** `httpGet`, `httpPut` … */
  readonly method: string;
}

/** What a call gives: a value, several, ready XML for `returnval`, or nothing. */
export type Returned =
  | Value
  | { readonly kind: "list"; readonly items: readonly Value[] }
  | { readonly kind: "xml"; readonly xml: string }
  | undefined;

export interface Method {
  readonly parameters: readonly string[];
  /** Of parameters that are structures: their declared type. */
  readonly types?: Readonly<Record<string, string>>;
  readonly run: (call: Call) => Returned | Promise<Returned>;
}

export function vmOf({ target, service }: Call): SimulatedVm {
  const vm = service.inventory.vms.get(target.id);
  if (!vm) {
    service.inventory.objects.get(target);
    throw new Fault("InvalidType", `${target.type} ${target.id} is no VM`);
  }
  return vm;
}

export function argument({ request }: Call, name: string): Element {
  const element = child(request, name);
  if (!element) {
    throw new Fault("InvalidArgument", `A specified parameter was not correct: ${name}`, {
      invalidProperty: text(name),
    });
  }
  return element;
}

/** Reads the faults that servers send, in SOAP faults and within answers, into one complete line of text. */
import { byBaseType } from "./faultTypes.js";
import { fromSoap } from "./moRef.js";
import { fieldOf, listOf, textOf, typeOf } from "./soapValue.js";
import { VimFault } from "./vimErrors.js";

/** What to do, by fault or base type. */
const remedies: Readonly<Record<string, string>> = {
  NoPermission: "add the privilege to the role that the account has there",
  NotAuthenticated: "the server has ended the session; a new one is opened",
  RestrictedVersion: "a free ESXi licence has no API for changes, so give the host another licence",
  NotEnoughLicenses: "check the licences in vSphere",
  HostAccessRestrictedToManagementServer: "a vCenter manages this host, so use it as the viserver",
  HostCommunication: "check in vCenter why the host is disconnected, and connect it again",
  TaskInProgress: "try again when it has ended",
  QuestionPending: "answer it with vbmc answer NAME CHOICE",
  ToolsUnavailable: "install or start VMware Tools in the guest",
  InsufficientResourcesFault: "free some on the host or cluster, or reserve less for the VM",
  InvalidHostState: "check the VM's host in vSphere",
  InaccessibleDatastore: "check the VM's datastore in vSphere",
  FileLocked: "find out which host or backup holds the file",
  NoDiskSpace: "free space on the datastore",
  PasswordExpired: "set a new one in vSphere, then enter it with vbmc set --viserver-password-file",
};

/** A LocalizedMethodFault, such as a task's error or the reason why a property is missing. */
export function readLocalizedFault(localized: unknown): VimFault {
  const fault = fieldOf(localized, "fault");
  return readFault(fault, typeOf(fault) ?? "SystemError", textOf(fieldOf(localized, "localizedMessage")));
}

/** `detail` holds the fault's fields, `text` the server's own message. */
export function readFault(detail: unknown, fault: string, text = "", method?: string): VimFault {
  const [first = "the server gives no reason", ...others] = [oneLine(text), ...detailsOf(detail)].filter(
    (words, at, all) => words !== "" && !all.slice(0, at).some((earlier) => earlier.includes(words)),
  );
  const details = others.length === 0 ? "" : ` (${others.slice(0, maxDetails).join(", ")})`;
  const remedy = byBaseType(remedies, fault);
  const message = `${first}${details}${remedy === undefined ? "" : `: ${remedy}`}`;
  return new VimFault(fault, message, detail, method);
}

const maxDetails = 8;
const maxDetailLength = 300;

/** Describes each field: explanatory texts as they are, others after the field's name. */
function detailsOf(detail: unknown): readonly string[] {
  if (typeof detail !== "object" || detail === null) {
    return [];
  }
  const privilege = textOf(fieldOf(detail, "privilegeId"));
  const named = Object.entries(detail).flatMap(([field, value]) => {
    if (alreadyTold.includes(field) || (privilege !== undefined && privilegeFields.includes(field))) {
      return [];
    }
    const words = oneLine(wordsOf(value) ?? "");
    return words === "" ? [] : [explanations.includes(field) ? words : `${field} ${words}`];
  });
  const messages = listOf(fieldOf(detail, "faultMessage")).map((entry) => textOf(fieldOf(entry, "message")) ?? "");
  const cause = textOf(fieldOf(fieldOf(detail, "faultCause"), "localizedMessage")) ?? "";
  return [
    ...(privilege === undefined ? [] : [privilegeOf(privilege, detail)]),
    ...named,
    ...[...messages, cause].map(oneLine),
  ];
}

const privilegeFields: readonly string[] = ["privilegeId", "object"];
/** Fields that the server's own message already includes. */
const alreadyTold: readonly string[] = ["requestedState", "existingState"];
/** Fields whose text is a sentence. */
const explanations: readonly string[] = ["reason", "text"];

function privilegeOf(privilege: string, detail: unknown): string {
  const object = wordsOf(fieldOf(detail, "object"));
  return object === undefined ? `needs ${privilege}` : `needs ${privilege} on ${object}`;
}

/** A scalar, or a reference as `VirtualMachine vm-1`; undefined for anything else. */
function wordsOf(value: unknown): string | undefined {
  const reference = fromSoap(value);
  return reference ? `${reference.type} ${reference.value}` : textOf(value);
}

/** Strips the final full stop, since more text may follow. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().replace(/\.$/, "").slice(0, maxDetailLength);
}

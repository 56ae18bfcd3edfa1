/** What a server says of itself before the login. */
import { fromSoap, type MoRef } from "./moRef.js";
import { fieldOf, textOf } from "./soapValue.js";
import { VimTransportError } from "./vimErrors.js";

/** The managed objects that we use; their references differ between vCenter and ESXi. */
export interface ServiceContent {
  readonly rootFolder: MoRef;
  readonly propertyCollector: MoRef;
  readonly viewManager: MoRef;
  readonly sessionManager: MoRef;
  readonly searchIndex: MoRef;
  /** Some servers have none. */
  readonly performanceManager: MoRef | undefined;
  readonly authorizationManager: MoRef | undefined;
  readonly licenseManager?: MoRef | undefined;
  readonly fileManager?: MoRef | undefined;
  /** e.g. `VMware vCenter Server 8.0.2 build-22617221`. */
  readonly fullName: string | undefined;
  /** True for an ESXi host without vCenter. */
  readonly isHost: boolean;
  /** about.instanceUuid of a vCenter; an ESXi host has none. */
  readonly serverUuid: string | undefined;
}

export function readContent(value: unknown): ServiceContent {
  const reference = (name: string): MoRef => {
    const found = fromSoap(fieldOf(value, name));
    if (!found) {
      throw new VimTransportError(
        "badResponse",
        `the server is not a vCenter or ESXi host: its content has no ${name}`,
      );
    }
    return found;
  };
  return {
    rootFolder: reference("rootFolder"),
    propertyCollector: reference("propertyCollector"),
    viewManager: reference("viewManager"),
    sessionManager: reference("sessionManager"),
    searchIndex: reference("searchIndex"),
    performanceManager: fromSoap(fieldOf(value, "perfManager")),
    authorizationManager: fromSoap(fieldOf(value, "authorizationManager")),
    licenseManager: fromSoap(fieldOf(value, "licenseManager")),
    fileManager: fromSoap(fieldOf(value, "fileManager")),
    fullName: textOf(fieldOf(fieldOf(value, "about"), "fullName")),
    isHost: textOf(fieldOf(fieldOf(value, "about"), "apiType")) === "HostAgent",
    serverUuid: textOf(fieldOf(fieldOf(value, "about"), "instanceUuid")),
  };
}

/** Roles and their privileges (DSP0266 "Redfish service operation-to-privilege mapping", privilege registry 1.8.0). */
import type { User } from "../../model/bmc/users/user.js";
import { canLogIn } from "../../model/bmc/users/user.js";

export const privileges = [
  "Login",
  "ConfigureManager",
  "ConfigureUsers",
  "ConfigureSelf",
  "ConfigureComponents",
] as const;
export type Privilege = (typeof privileges)[number];

export const roles = {
  Administrator: privileges,
  Operator: ["Login", "ConfigureComponents", "ConfigureSelf"],
  ReadOnly: ["Login", "ConfigureSelf"],
} as const satisfies Readonly<Record<string, readonly Privilege[]>>;
export type Role = keyof typeof roles;

/** IPMI's privilege limit of each role (IPMI 2.0 §6.8): USER, OPERATOR, ADMINISTRATOR. */
export const limitOfRole: Readonly<Record<Role, number>> = { ReadOnly: 2, Operator: 3, Administrator: 4 };

export const roleNames = Object.keys(roles) as readonly Role[];

/** undefined for a user who cannot log in: callback, no access, or disabled. */
export function roleOfUser(user: User): Role | undefined {
  return canLogIn(user) ? roleOfLimit(user.privilegeLimit) : undefined;
}

export function roleOfLimit(limit: number): Role | undefined {
  return roleNames.find((role) => limitOfRole[role] === limit);
}

/** An authenticated client. */
export interface Principal {
  /** Slot of the account; 0 for a client that another front end has authenticated. */
  readonly userId: number;
  readonly userName: string;
  readonly role: Role;
  /** The session of the request; absent with Basic authentication. */
  readonly sessionId?: string;
}

/** ConfigureSelf only applies to the principal's own account and sessions. */
export function isAllowed({ role }: Principal, anyOf: readonly Privilege[], isOwn: boolean): boolean {
  const held: readonly Privilege[] = roles[role];
  return anyOf.some((privilege) => held.includes(privilege) && (privilege !== "ConfigureSelf" || isOwn));
}

interface EntityPrivileges {
  readonly read: readonly Privilege[];
  readonly change: readonly Privilege[];
}

const login = ["Login"] as const;
const manager: EntityPrivileges = { read: login, change: ["ConfigureManager"] };
const components: EntityPrivileges = { read: login, change: ["ConfigureComponents"] };
const media: EntityPrivileges = { read: login, change: ["ConfigureManager", "ConfigureComponents"] };
const certificates: EntityPrivileges = { read: ["ConfigureManager"], change: ["ConfigureManager"] };
const users: EntityPrivileges = { read: login, change: ["ConfigureUsers"] };

/** Entities of the privilege registry, including the overrides for those below a System or Manager. */
export const entities = {
  ServiceRoot: manager,
  SessionService: manager,
  SessionCollection: { read: login, change: login },
  Session: { read: ["ConfigureManager", "ConfigureSelf"], change: ["ConfigureManager", "ConfigureSelf"] },
  AccountService: users,
  ManagerAccountCollection: users,
  ManagerAccount: { read: ["ConfigureManager", "ConfigureUsers", "ConfigureSelf"], change: ["ConfigureUsers"] },
  RoleCollection: manager,
  Role: manager,
  TaskService: manager,
  TaskCollection: manager,
  Task: manager,
  MessageRegistryFileCollection: manager,
  MessageRegistryFile: manager,
  JsonSchemaFileCollection: manager,
  JsonSchemaFile: manager,
  ActionInfo: manager,
  ManagerCollection: manager,
  Manager: manager,
  ManagerNetworkProtocol: manager,
  ManagerEthernetInterface: manager,
  /** LogService and LogEntry of a Manager. */
  ManagerLog: manager,
  ComputerSystemCollection: components,
  ComputerSystem: components,
  /** Everything below a System that is not listed separately. */
  SystemPart: components,
  ChassisCollection: components,
  Chassis: components,
  ChassisPart: components,
  EventService: manager,
  EventDestinationCollection: { read: login, change: ["ConfigureManager", "ConfigureComponents"] },
  EventDestination: { read: login, change: ["ConfigureManager", "ConfigureSelf"] },
  UpdateService: components,
  SoftwareInventory: components,
  CertificateService: manager,
  /**
   * The registry only has ConfigureManager; a user who may start the machine and choose its boot device may insert
   * media too.
   */
  VirtualMediaCollection: media,
  VirtualMedia: media,
  CertificateCollection: certificates,
  Certificate: certificates,
} as const satisfies Readonly<Record<string, EntityPrivileges>>;
export type Entity = keyof typeof entities;

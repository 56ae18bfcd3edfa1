/** DSP0268 "AccountService 1.18.1", "ManagerAccount 1.14.1", "Role 1.3.3": the IPMI user slots and their roles. */
import { defined } from "../../../base/defined.js";
import { emptyUser, maxNameLength, nullUserId, type User } from "../../../model/bmc/users/user.js";
import { boolean, oneOf, text } from "../checks.js";
import { type JsonObject, link, textOf } from "../json.js";
import { message } from "../messages.js";
import { limitOfRole, type Role, roleNames, roleOfLimit, roles } from "../privileges.js";
import { RedfishError } from "../redfishError.js";
import { rootUri } from "../representation.js";
import { defineCollection, defineResource, type Visit } from "../resource.js";

const serviceUri = `${rootUri}/AccountService`;
const accountsUri = `${serviceUri}/Accounts`;
const rolesUri = `${serviceUri}/Roles`;
/** IPMI 1.5 supports passwords of up to 16 bytes. */
const maxPasswordLength = 20;
const maxIpmi15PasswordLength = 16;

const userName = text({ minBytes: 1, maxBytes: maxNameLength });
const password = text({ minBytes: 1, maxBytes: maxPasswordLength, isSecret: true });
const roleId = oneOf(roleNames);

const accountService = defineResource({
  uri: serviceUri,
  type: "AccountService.v1_18_1.AccountService",
  entity: "AccountService",
  read: (visit) => {
    const { threshold, countResetSeconds, lockoutSeconds } = visit.bmc.badPasswords.policy;
    return {
      Id: "AccountService",
      Name: "Account Service",
      Status: { State: "Enabled", Health: "OK" },
      ServiceEnabled: true,
      MinPasswordLength: 1,
      MaxPasswordLength: maxPasswordLengthOf(visit),
      AccountLockoutThreshold: threshold,
      AccountLockoutCounterResetAfter: countResetSeconds,
      AccountLockoutDuration: lockoutSeconds,
      AccountLockoutCounterResetEnabled: countResetSeconds > 0,
      HTTPBasicAuth: "Enabled",
      SupportedAccountTypes: ["Redfish", "IPMI"],
      Accounts: link(accountsUri),
      Roles: link(rolesUri),
    };
  },
});

const accountCollection = defineCollection({
  uri: accountsUri,
  of: "ManagerAccount",
  name: "Accounts",
  entity: "ManagerAccountCollection",
  ids: ({ bmc }) =>
    bmc.users
      .all()
      .filter(isAccount)
      .map(({ id }) => String(id)),
  create: {
    properties: {
      UserName: { isRequired: true, check: userName },
      Password: { isRequired: true, check: password },
      RoleId: { isRequired: true, check: roleId },
      Enabled: { check: boolean },
      Locked: { check: boolean },
    },
    run: async (properties, visit) => {
      const { bmc } = visit;
      const free = bmc.users.all().find((user) => user.id !== nullUserId && !isAccount(user));
      requireFreeName(textOf(properties["UserName"]), visit);
      requirePasswordLength(properties, visit);
      if (!free) {
        const text = "All 15 user slots of the BMC are in use: delete an account that is not needed.";
        throw new RedfishError(400, [message("CreateLimitReachedForResource", [], { text })]);
      }
      await bmc.users.change(free.id, { ...emptyUser(free.id), enabled: true, ...changeOf(properties) });
      bmc.badPasswords.clearFailures(free.id);
      return { uri: `${accountsUri}/${free.id}` };
    },
  },
});

const account = defineResource({
  uri: `${accountsUri}/{accountId}`,
  type: "ManagerAccount.v1_14_1.ManagerAccount",
  entity: "ManagerAccount",
  has: (visit) => find(visit) !== undefined,
  isOwn: (visit) => find(visit)?.id === visit.principal?.userId,
  read: (visit) => {
    const user = find(visit) ?? emptyUser(0);
    const role = roleOfLimit(user.privilegeLimit);
    return defined({
      Id: String(user.id),
      Name: "User Account",
      UserName: user.name,
      Password: null,
      // A slot with the privilege CALLBACK or "no access" has no Redfish role and cannot log in.
      RoleId: role,
      Links: role && { Role: link(`${rolesUri}/${role}`) },
      Enabled: user.enabled && user.ipmiMessaging && !user.callbackOnly,
      Locked: visit.bmc.badPasswords.isDisabled(user.id, visit.timers.now()),
      AccountTypes: ["Redfish", "IPMI"],
      PasswordChangeRequired: false,
    });
  },
  writable: { UserName: userName, Password: password, RoleId: roleId, Enabled: boolean, Locked: boolean },
  selfWritable: ["Password"],
  write: async (changes, visit) => {
    const user = find(visit) ?? emptyUser(0);
    if (changes["UserName"] !== undefined && changes["UserName"] !== user.name) {
      requireFreeName(textOf(changes["UserName"]), visit);
    }
    requirePasswordLength(changes, visit);
    if (changes["Locked"] === true) {
      const text = "Only wrong passwords lock an account: set Enabled to false instead.";
      throw new RedfishError(400, [
        message("PropertyValueNotInList", ["true", "Locked"], { text, related: ["#/Locked"] }),
      ]);
    }
    await visit.bmc.users.change(user.id, changeOf(changes));
    visit.bmc.badPasswords.clearFailures(user.id);
    if (visit.principal?.sessionId !== undefined && visit.principal.userId === user.id) {
      visit.sessions.keepThroughChange(visit.principal.sessionId);
    }
  },
  remove: async (visit) => {
    const user = find(visit) ?? emptyUser(0);
    await visit.bmc.users.change(user.id, emptyUser(user.id));
    visit.bmc.badPasswords.clearFailures(user.id);
  },
});

const roleCollection = defineCollection({
  uri: rolesUri,
  of: "Role",
  name: "Roles",
  entity: "RoleCollection",
  ids: () => roleNames,
});

const role = defineResource({
  uri: `${rolesUri}/{roleId}`,
  type: "Role.v1_3_3.Role",
  entity: "Role",
  has: ({ params }) => Object.hasOwn(roles, params["roleId"] ?? ""),
  read: ({ params }) => {
    const id = params["roleId"] as Role;
    return {
      Id: id,
      Name: `${id} Role`,
      RoleId: id,
      IsPredefined: true,
      AssignedPrivileges: roles[id],
      OemPrivileges: [],
    };
  },
});

function isAccount({ id, name }: User): boolean {
  return id !== nullUserId && name !== "";
}

function find({ bmc, params }: Visit): User | undefined {
  const id = params["accountId"] ?? "";
  const user = /^\d{1,2}$/.test(id) ? bmc.users.find(Number(id)) : undefined;
  return user && String(user.id) === id && isAccount(user) ? user : undefined;
}

function changeOf({ UserName, Password, RoleId, Enabled }: JsonObject): Partial<User> {
  return {
    ...(typeof UserName === "string" && { name: UserName }),
    ...(typeof Password === "string" && {
      password: Buffer.from(Password),
      passwordSize: Buffer.byteLength(Password) > maxIpmi15PasswordLength ? (20 as const) : (16 as const),
    }),
    ...(typeof RoleId === "string" && { privilegeLimit: limitOfRole[RoleId as Role] }),
    // A client that enables an account expects it to be able to log in.
    ...(typeof Enabled === "boolean" && {
      enabled: Enabled,
      ...(Enabled && { ipmiMessaging: true, callbackOnly: false }),
    }),
  };
}

function maxPasswordLengthOf({ bmc }: Visit): number {
  return bmc.ipmi15Auth.length > 0 ? maxIpmi15PasswordLength : maxPasswordLength;
}

function requirePasswordLength({ Password }: JsonObject, visit: Visit): void {
  const longest = maxPasswordLengthOf(visit);
  if (typeof Password === "string" && Buffer.byteLength(Password) > longest) {
    const text = `The password is longer than ${longest} bytes, the maximum in IPMI: choose a shorter one.`;
    throw new RedfishError(400, [
      message("PropertyValueFormatError", ["******", "Password"], { text, related: ["#/Password"] }),
    ]);
  }
}

function requireFreeName(name: string, { bmc }: Visit): void {
  if (bmc.users.all().some((user) => user.name === name)) {
    throw new RedfishError(400, [message("ResourceAlreadyExists", ["ManagerAccount", "UserName", name])]);
  }
}

export const accountResources = [accountService, accountCollection, account, roleCollection, role];

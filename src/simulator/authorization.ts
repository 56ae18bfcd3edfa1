/** What the account may do: what its roles grant, all but the privileges that are withheld, and what the licence has. */
import { argument, type Call, type Method, vmOf } from "./call.js";
import { requireConnection } from "./connectionState.js";
import { privilegesFor } from "./deviceChange.js";
import { Fault } from "./fault.js";
import { decodeReference } from "./selection.js";
import { boolean, type Reference, reference, structure, text, type Value } from "./value.js";
import { child, childrenOf } from "./xml.js";

/** The privilege that a method asks for on its target; ReconfigVM_Task asks for what its changes need. */
const requiredPrivileges: Readonly<Record<string, string>> = {
  PowerOnVM_Task: "VirtualMachine.Interact.PowerOn",
  PowerOffVM_Task: "VirtualMachine.Interact.PowerOff",
  ShutdownGuest: "VirtualMachine.Interact.PowerOff",
  ResetVM_Task: "VirtualMachine.Interact.Reset",
  RebootGuest: "VirtualMachine.Interact.Reset",
  SendNMI: "VirtualMachine.Interact.GuestControl",
  AnswerVM: "VirtualMachine.Interact.AnswerQuestion",
  MigrateVM_Task: "Resource.HotMigrate",
};

/** Throws NoPermission, RestrictedVersion for a change that the licence has no API for, or why a VM cannot be changed now. */
export function requirePrivilege(method: string, call: Call): void {
  const { target, service, request } = call;
  const privileges = method === "ReconfigVM_Task" ? privilegesOfChange(call) : (requiredPrivileges[method] ?? []);
  const missing = [privileges].flat().find((privilege) => !service.isGranted(target, privilege));
  if (missing !== undefined) {
    throw noPermission(target, missing);
  }
  if (privileges.length > 0 && service.hasFreeLicence()) {
    throw new Fault(
      "RestrictedVersion",
      "Current license or ESXi version prohibits execution of the requested operation.",
    );
  }
  if (privileges.length > 0 && target.type === "VirtualMachine") {
    requireConnection(vmOf(call));
  }
  if (method === "CreateContainerView") {
    const container = decodeReference(child(request, "container"));
    if (!service.isGranted(container, "System.View")) {
      throw noPermission(container, "System.View");
    }
  }
}

function privilegesOfChange(call: Call): readonly string[] {
  const spec = argument(call, "spec");
  const changes = childrenOf(spec, "deviceChange");
  return [
    ...(spec.children.some(({ name }) => name !== "deviceChange" && name !== "extraConfig")
      ? ["VirtualMachine.Config.Settings"]
      : []),
    ...(child(spec, "extraConfig") ? ["VirtualMachine.Config.AdvancedConfig"] : []),
    ...privilegesFor(changes, vmOf(call)),
  ];
}

export function noPermission(object: Reference, privilege: string): Fault {
  return new Fault("NoPermission", "Permission to perform this operation was denied.", {
    object: reference(object.type, object.id),
    privilegeId: text(privilege),
  });
}

export const authorizationMethods: Readonly<Record<string, Method>> = {
  HasPrivilegeOnEntities: {
    parameters: ["entity", "sessionId", "privId"],
    run: (call) => {
      const { service, session } = call;
      if (argument(call, "sessionId").text !== session.key) {
        throw new Fault("InvalidArgument", "A specified parameter was not correct: sessionId");
      }
      const privileges = childrenOf(call.request, "privId").map((element) => element.text);
      const availability = (at: Reference, id: string): Value =>
        structure("PrivilegeAvailability", {
          privId: text(id),
          isGranted: boolean(service.isGranted(at, id)),
        });
      const entities = childrenOf(call.request, "entity").map((element): Value => {
        const { reference: at } = service.inventory.objects.get(decodeReference(element));
        return structure("EntityPrivilege", {
          entity: reference(at.type, at.id),
          privAvailability: {
            kind: "array",
            type: "ArrayOfPrivilegeAvailability",
            element: "PrivilegeAvailability",
            items: privileges.map((id) => availability(at, id)),
          },
        });
      });
      return { kind: "list", items: entities };
    },
  },
};

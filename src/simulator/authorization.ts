/** What the account may do: all, but for the privileges that are withheld. */
import { argument, type Call, type Method } from "./call.js";
import { Fault } from "./fault.js";
import { decodeReference } from "./selection.js";
import { boolean, reference, structure, text, type Value } from "./value.js";
import { childrenOf } from "./xml.js";

/** The privilege that a method asks for on its target. */
const requiredPrivileges: Readonly<Record<string, string>> = {
  PowerOnVM_Task: "VirtualMachine.Interact.PowerOn",
  PowerOffVM_Task: "VirtualMachine.Interact.PowerOff",
  ShutdownGuest: "VirtualMachine.Interact.PowerOff",
  ResetVM_Task: "VirtualMachine.Interact.Reset",
  SendNMI: "VirtualMachine.Interact.GuestControl",
  ReconfigVM_Task: "VirtualMachine.Config.Settings",
  AnswerVM: "VirtualMachine.Interact.AnswerQuestion",
  MigrateVM_Task: "Resource.HotMigrate",
};

/** Throws NoPermission. */
export function requirePrivilege(method: string, { target, service }: Call): void {
  const privilege = requiredPrivileges[method];
  if (privilege !== undefined && service.withheldPrivileges().has(privilege)) {
    throw new Fault("NoPermission", "Permission to perform this operation was denied.", {
      object: reference(target.type, target.id),
      privilegeId: text(privilege),
    });
  }
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
      const availability = (id: string): Value =>
        structure("PrivilegeAvailability", {
          privId: text(id),
          isGranted: boolean(!service.withheldPrivileges().has(id)),
        });
      const entities = childrenOf(call.request, "entity").map((element): Value => {
        const { reference: at } = service.inventory.objects.get(decodeReference(element));
        return structure("EntityPrivilege", {
          entity: reference(at.type, at.id),
          privAvailability: {
            kind: "array",
            type: "ArrayOfPrivilegeAvailability",
            element: "PrivilegeAvailability",
            items: privileges.map(availability),
          },
        });
      });
      return { kind: "list", items: entities };
    },
  },
};

/** DSP0268 "SecureBoot 1.1.2": for VMs with EFI firmware; vSphere can change it while they are off. */
import { boolean } from "../checks.js";
import { defineResource } from "../resource.js";

const secureBoot = defineResource({
  uri: "/redfish/v1/Systems/{systemId}/SecureBoot",
  type: "SecureBoot.v1_1_2.SecureBoot",
  entity: "SystemPart",
  has: ({ machine }) => machine.snapshot()?.firmware === "efi",
  read: async ({ machine }) => {
    const { secureBootEnabled = false } = await machine.inventory();
    return {
      Id: "SecureBoot",
      Name: "UEFI Secure Boot",
      SecureBootEnable: secureBootEnabled,
      // It cannot have changed since the start.
      SecureBootCurrentBoot: secureBootEnabled ? "Enabled" : "Disabled",
    };
  },
  writable: { SecureBootEnable: boolean },
  write: async ({ SecureBootEnable }, { machine }) => {
    if (typeof SecureBootEnable === "boolean") {
      await machine.configure({ secureBootEnabled: SecureBootEnable });
    }
  },
});

export const secureBootResources = [secureBoot];

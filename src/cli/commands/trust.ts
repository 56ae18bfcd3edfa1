/** `vbmc trust NAME`: accepts the certificate that the BMC's viserver shows now. */
import type { Command } from "commander";

import { defined } from "../../base/defined.js";
import type { CliContext } from "../context.js";

export function registerTrust(program: Command, context: CliContext): void {
  program
    .command("trust")
    .description("Trust the certificate that the viserver of a virtual BMC shows now, and show its fingerprint")
    .argument("<vm_name>", "the name of the virtual machine")
    .option("--fingerprint <fingerprint>", "only if it has this SHA-256 or SHA-1 fingerprint")
    .action(async (vmName: string, { fingerprint }: { readonly fingerprint?: string }) => {
      const request = defined({ vm_name: vmName, fingerprint, command: "trust" });
      const { rows = [] } = await context.request(request);
      const value = (name: string): string | undefined => rows.find(([key]) => key === name)?.[1]?.toString();
      const [viserver = "the viserver", trusted = "unknown", former] = ["viserver", "fingerprint", "former"].map(value);
      context.out(`The certificate of ${viserver} is trusted: SHA-256 ${trusted}\n`);
      if (former !== undefined && former !== trusted) {
        context.out(`It replaces SHA-256 ${former}\n`);
      }
    });
}

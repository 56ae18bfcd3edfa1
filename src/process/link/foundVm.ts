/** Prepares a VM that has just been found for the operations of its BMC. */
import { lazily } from "../../base/lazily.js";
import type { Log } from "../../base/log.js";
import { MachineError } from "../../model/machine/errors.js";
import type { VmIdentity } from "../../vsphere/identity.js";
import type { MoRef } from "../../vsphere/moRef.js";
import type { StatisticsReader } from "../../vsphere/statistics.js";
import { createVirtualMachine } from "../../vsphere/virtualMachine.js";
import type { LinkConfiguration } from "../ipc/configuration.js";
import type { FromLink } from "../ipc/link.js";
import type { AccountMedia } from "./accountMedia.js";
import { openBootMemory } from "./bootMemoryFile.js";
import { createBootWatch } from "./bootWatch.js";
import { createMediaWatch } from "./mediaWatch.js";
import type { FoundVm, ServedVm } from "./servedMachine.js";
import type { SharedVms } from "./sharedVms.js";
import type { VerifiedSession } from "./verifiedSession.js";

export interface FoundVmContext {
  readonly configuration: LinkConfiguration;
  readonly session: VerifiedSession;
  readonly readStatistics: StatisticsReader;
  readonly media: AccountMedia;
  readonly sharedVms: SharedVms;
  /** Called when the reference has become invalid. */
  readonly onGone: (vm: ServedVm) => void;
  readonly send: (message: FromLink) => void;
  readonly log: Log;
}

export function createFoundVm(
  vm: ServedVm,
  reference: MoRef,
  { instanceUuid, name }: VmIdentity,
  { configuration, session, readStatistics, media, sharedVms, onGone, send, log }: FoundVmContext,
): FoundVm {
  const { vmName, state } = vm;

  /** Callers that still hold this result must not reach a VM that the BMC no longer represents. */
  function requireUsable(): void {
    if (vm.found() !== found) {
      throw new MachineError("notFound", `the VM of ${vmName} is no longer at its place in ${configuration.viserver}`);
    }
  }

  const key = instanceUuid ?? `named ${name ?? vmName}`;
  const bootFile = openBootMemory(vm.machine.directory, key, (message) => log("warn", message, { vm: vmName }));
  // No property shows that a boot device has been used: report it to everyone who caches it.
  const shared = sharedVms.join(key, bootFile, () => {
    if (vm.found() === found) {
      vm.repeat();
    }
  });
  const usable = session.forUse(requireUsable);
  const bootWatch = createBootWatch({
    memory: shared.bootMemory,
    session: () => usable,
    restore: () => virtualMachine().restoreBootOrder(),
    log: (level, message, fields) => log(level, message, { vm: vmName, ...fields }),
  });
  const machineMedia = lazily(() =>
    media.forMachine({
      session: usable,
      reference,
      key,
      onChange: (slots) => send({ type: "mediaReport", vmName, slots }),
      log: (level, message, fields) => log(level, message, { vm: vmName, ...fields }),
    }),
  );
  const virtualMachine = lazily(() =>
    createVirtualMachine({
      bmcName: vmName,
      session: usable,
      viserver: configuration.viserver,
      reference,
      state,
      hasOldSmbios: () => vm.identity()?.hasOldSmbios ?? false,
      queue: shared.queue,
      bootMemory: shared.bootMemory,
      nextBoot: configuration.nextBoot,
      onStart: bootWatch.onStart,
      onBootDelayed: () =>
        log(
          "info",
          "the server rejects a boot device while the VM is on: it takes effect at the next power-on through the BMC",
          {
            vm: vmName,
          },
        ),
      readStatistics,
      media: machineMedia(),
      onGone: () => {
        if (vm.found() === found) {
          onGone(vm);
        }
      },
      onLateFailure: (operation, reason) => {
        log("warn", "a command failed after its client was answered", { vm: vmName, operation, reason });
        send({ type: "machineEvent", vmName, event: { kind: "operationFailed", operation, reason } });
      },
    }),
  );
  const mediaWatch = createMediaWatch({
    hasInserted: () => media.hasInserted(key),
    read: () => machineMedia().read(),
  });
  const close = (isWithdrawn: boolean): void => {
    bootWatch.stop();
    shared.leave(isWithdrawn);
  };
  const found: FoundVm = { reference, virtualMachine, bootWatch, mediaWatch, close };
  return found;
}

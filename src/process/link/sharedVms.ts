/**
 * State shared by the BMCs of one VM, if several represent it: its command queue and its boot order note. Each BMC
 * stores the note in its own folder, since either may be removed.
 */
import { type CommandQueue, createCommandQueue } from "../../vsphere/commandQueue.js";
import type { BootMemory, BootNote } from "../../vsphere/nextBoot.js";

export interface SharedVm {
  readonly queue: CommandQueue;
  readonly bootMemory: BootMemory;
  /**
   * The BMC no longer represents the VM. With `isWithdrawn` its copy of the note is deleted if another BMC has one: it
   * would be outdated when the BMC returns.
   */
  readonly leave: (isWithdrawn: boolean) => void;
}

export interface SharedVms {
  /** `file` is the BMC's own copy; `onWritten` is called for each change from any source. */
  readonly join: (vm: string, file: BootMemory, onWritten: () => void) => SharedVm;
}

interface Member {
  readonly file: BootMemory;
  readonly onWritten: () => void;
}

interface Group {
  readonly queue: CommandQueue;
  readonly members: Set<Member>;
}

export function createSharedVms(): SharedVms {
  const groups = new Map<string, Group>();

  return {
    join: (vm, file, onWritten) => {
      const group = groups.get(vm) ?? { queue: createCommandQueue(), members: new Set() };
      const { queue, members } = group;
      const own: Member = { file, onWritten };
      const [other] = members;
      groups.set(vm, group);
      members.add(own);

      async function write(note: BootNote): Promise<void> {
        const all = members.has(own) ? [...members] : [own];
        await Promise.all(all.map((member) => member.file.write(note)));
        all.forEach((member) => member.onWritten());
      }

      if (other) {
        const known = other.file.read();
        // The files report failures to store.
        void write(isEmpty(known) ? file.read() : known);
      }
      return {
        queue,
        bootMemory: { read: file.read, write },
        leave: (isWithdrawn) => {
          members.delete(own);
          if (members.size > 0 && isWithdrawn) {
            void file.write({});
          } else if (members.size === 0 && groups.get(vm) === group) {
            groups.delete(vm);
          }
        },
      };
    },
  };
}

function isEmpty({ pending, delayed }: BootNote): boolean {
  return pending === undefined && delayed === undefined;
}

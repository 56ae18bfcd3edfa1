/** VirtualMachineConnectionState: why the state of a VM is stale, and what to do. */

const problems: Readonly<Record<string, string>> = {
  disconnected: "vCenter has lost its host, so connect the host again in vSphere",
  inaccessible: "its host cannot read its files, so check its datastore in vSphere",
  orphaned: "vCenter knows it, but no host has it, so register it again from its .vmx file, or remove it",
  invalid: "its configuration file is damaged, so restore the .vmx file and register the VM again",
};

/** One line on a VM in this state; undefined for one that is connected. */
export function connectionProblem(state: string | undefined): string | undefined {
  if (state === undefined || state === "connected") {
    return undefined;
  }
  const why = problems[state] ?? "check it in vSphere";
  return `the VM is ${state}, and vCenter's data about it may be out of date: ${why}`;
}

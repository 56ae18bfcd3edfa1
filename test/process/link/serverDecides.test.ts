/** What becomes of a command is the server's decision, since what was pushed may be old by a moment. */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { Machine } from "../../../src/model/machine/machine.js";
import type { PowerState } from "../../../src/simulator/simulatedVm.js";
import { isOff, isOn, linksOfThisFile, type ServedLink, switchElsewhere } from "../../support/servedLink.js";

const open = linksOfThisFile();

interface Row {
  readonly pushed: PowerState;
  /** What the VM has come to since, by another hand, and no client was notified. */
  readonly really: PowerState;
  readonly run: (machine: Machine) => Promise<void>;
  readonly sent: string;
  /** The state afterwards, or the kind of the refusal. */
  readonly outcome: PowerState | "invalidState";
}

const rows: Readonly<Record<string, Row>> = {
  "power on": {
    pushed: "poweredOn",
    really: "poweredOff",
    run: (machine) => machine.power("on"),
    sent: "PowerOnVM_Task",
    outcome: "poweredOn",
  },
  "power on of a VM that is on": {
    pushed: "poweredOn",
    really: "poweredOn",
    run: (machine) => machine.power("on"),
    sent: "PowerOnVM_Task",
    outcome: "poweredOn",
  },
  "power off": {
    pushed: "poweredOff",
    really: "poweredOn",
    run: (machine) => machine.power("off"),
    sent: "PowerOffVM_Task",
    outcome: "poweredOff",
  },
  "power off of a VM that is off": {
    pushed: "poweredOff",
    really: "poweredOff",
    run: (machine) => machine.power("off"),
    sent: "PowerOffVM_Task",
    outcome: "poweredOff",
  },
  "power reset": {
    pushed: "poweredOff",
    really: "poweredOn",
    run: (machine) => machine.power("reset"),
    sent: "ResetVM_Task",
    outcome: "poweredOn",
  },
  "power reset of a VM that is off": {
    pushed: "poweredOn",
    really: "poweredOff",
    run: (machine) => machine.power("reset"),
    sent: "ResetVM_Task",
    outcome: "invalidState",
  },
  "power cycle": {
    pushed: "poweredOff",
    really: "poweredOn",
    run: (machine) => machine.power("cycle"),
    sent: "PowerOffVM_Task",
    outcome: "poweredOn",
  },
  "power cycle of a VM that is off": {
    pushed: "poweredOn",
    really: "poweredOff",
    run: (machine) => machine.power("cycle"),
    sent: "PowerOffVM_Task",
    outcome: "invalidState",
  },
  "soft shutdown": {
    pushed: "poweredOff",
    really: "poweredOn",
    run: (machine) => machine.power("softShutdown"),
    sent: "ShutdownGuest",
    outcome: "poweredOff",
  },
  "soft shutdown of a VM that is off": {
    pushed: "poweredOn",
    really: "poweredOff",
    run: (machine) => machine.power("softShutdown"),
    sent: "ShutdownGuest",
    outcome: "poweredOff",
  },
  "diagnostic interrupt": {
    pushed: "poweredOff",
    really: "poweredOn",
    run: (machine) => machine.diagnosticInterrupt(),
    sent: "SendNMI",
    outcome: "poweredOn",
  },
  "diagnostic interrupt to a VM that is off": {
    pushed: "poweredOn",
    really: "poweredOff",
    run: (machine) => machine.diagnosticInterrupt(),
    sent: "SendNMI",
    outcome: "invalidState",
  },
};

/** Resolves when it is so; every change of the inventory is looked at. */
function changed({ simulator }: ServedLink, isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (isSo()) {
        unsubscribe();
        resolve();
      }
    };
    const unsubscribe = simulator.inventory.objects.onChange(look);
    look();
  });
}

for (const [name, { pushed, really, run, sent, outcome }] of Object.entries(rows)) {
  test(`${name}, while the last news is ${pushed}: vSphere is asked, and decides`, async () => {
    const served = await open();
    served.simulator.behaviour.guestShutdownMs = 20;
    switchElsewhere(served, served.vm("vm-01"), pushed);
    await served.serve("vm-01");
    await served.reported("vm-01", pushed === "poweredOn" ? isOn : isOff);
    const vm = served.vm("vm-01");
    vm.powerState = really;
    const done = run(served.machine("vm-01"));
    if (outcome === "invalidState") {
      await assert.rejects(done, { kind: "invalidState" });
    } else {
      await done;
      await changed(served, () => vm.powerState === outcome);
    }
    assert.equal(served.calls(sent), 1);
  });
}

test("a VM that is suspended keeps its memory when it is switched off, and is off for IPMI", async () => {
  const served = await open();
  await served.serve("vm-01");
  switchElsewhere(served, served.vm("vm-01"), "suspended");
  await served.reported("vm-01", (report) => report.fresh && report.snapshot.powerState === "suspended");
  await served.machine("vm-01").power("off");
  await served.machine("vm-01").power("softShutdown");
  await assert.rejects(served.machine("vm-01").power("cycle"), { kind: "invalidState" });
  assert.equal(served.vm("vm-01").powerState, "suspended");
});

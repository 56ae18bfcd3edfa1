/** The network serial ports of one VM: lines are opened and closed as its devices say. */
import type { VmDevice } from "../devices.js";
import type { Inventory } from "../inventory.js";
import type { SimulatedVm } from "../simulatedVm.js";
import type { SerialBehaviour } from "./behaviour.js";
import type { Line, LineOptions, LineStatus } from "./line.js";
import { openLine } from "./openLine.js";

export interface PortsOptions extends Pick<
  LineOptions,
  "certificate" | "hostAddress" | "onBreak" | "onData" | "onDrain"
> {
  readonly vm: SimulatedVm;
  readonly inventory: Inventory;
  readonly behaviour: () => SerialBehaviour;
}

export interface Ports {
  readonly lines: readonly Line[];
  /** `full`: wait for onDrain before sending more; `lost`: nothing is connected. */
  readonly write: (bytes: Buffer) => "full" | "lost" | "sent";
  /** Opens and closes lines, so that they are as the ports that are connected now. */
  readonly follow: (wanted: readonly VmDevice[]) => void;
  readonly close: () => void;
}

export function createPorts(options: PortsOptions): Ports {
  const { vm, inventory, behaviour, certificate, hostAddress, onBreak, onData, onDrain } = options;
  const lines = new Map<number, { readonly line: Line; readonly purpose: string }>();

  function connect(port: VmDevice): void {
    const { key, backing } = port;
    if (!behaviour().serialLicence) {
      tell(key, "unrecoverableError", false);
      return;
    }
    const line = openLine({
      backing: backing ?? { type: "", fields: {} },
      identity: {
        vcUuid: vm.instanceUuid,
        biosUuid: vm.uuid,
        locationUuid: vm.uuid,
        name: vm.name,
      },
      hostAddress,
      certificate,
      retryMs: () => behaviour().serialRetryMs,
      isAllowed: (ruleSet) => behaviour().firewallRuleSets.has(ruleSet),
      order: () => behaviour().serialOrder,
      vmotionTimeoutMs: () => behaviour().vmotionTimeoutMs,
      onData,
      onBreak,
      onDrain,
      onStatus: (status, isConnected) => queueMicrotask(() => tell(key, status, isConnected)),
    });
    lines.set(key, { line, purpose: purposeOf(port) });
  }

  function tell(key: number, status: LineStatus, connected: boolean): void {
    const port = vm.devices.find((device) => device.key === key);
    const { connectable } = port ?? {};
    const isNews = connectable?.status !== status || connectable.connected !== connected;
    if (connectable && isNews && vm.powerState === "poweredOn") {
      vm.devices = vm.devices.map((device) =>
        device === port ? { ...device, connectable: { ...connectable, connected, status } } : device,
      );
      inventory.changed(vm);
    }
  }

  return {
    get lines() {
      return [...lines.values()].map(({ line }) => line);
    },
    write: (bytes) => {
      const results = [...lines.values()].map(({ line }) => line.write(bytes));
      return results.includes("full") ? "full" : results.includes("sent") ? "sent" : "lost";
    },
    follow: (wanted) => {
      for (const [key, { line, purpose }] of lines) {
        if (!wanted.some((port) => port.key === key && purposeOf(port) === purpose)) {
          lines.delete(key);
          line.close();
        }
      }
      wanted.filter(({ key }) => !lines.has(key)).forEach(connect);
    },
    close: () => lines.forEach(({ line }) => line.close()),
  };
}

/** Another one needs another connection. */
function purposeOf({ backing, connectable }: VmDevice): string {
  return JSON.stringify([backing, connectable?.connection]);
}

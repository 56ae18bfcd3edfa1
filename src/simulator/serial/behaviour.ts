/** How the serial ports of simulated VMs behave. */

/** What may be changed at any time. */
export interface SerialBehaviour {
  /** How long after a lost or failed connection a serial port tries another one, ms; Infinity: never. */
  serialRetryMs: number;
  /** How long a concentrator has to acknowledge a vMotion, ms (`serialN.vmotionLimit`). */
  vmotionTimeoutMs: number;
  /** In which order serial ports talk to a concentrator: as captured of ESXi, or as VMware documents it. */
  serialOrder: "captured" | "documented";
  /** From the power-on to the login prompt of a guest with a serial port, ms. */
  guestBootMs: number;
  /** The licence has the feature of network serial ports; else they stay disconnected. */
  serialLicence: boolean;
  /** Rule sets of the hosts' firewalls that are enabled: `vSPC` for serial ports that connect, `remoteSerialPort` for all. */
  firewallRuleSets: ReadonlySet<string>;
}

export const usualSerialBehaviour: SerialBehaviour = {
  serialRetryMs: 3_000,
  vmotionTimeoutMs: 5_000,
  serialOrder: "captured",
  guestBootMs: 1_000,
  serialLicence: true,
  firewallRuleSets: new Set(["vSPC", "remoteSerialPort"]),
};

/** Get System Restart Cause (IPMI 2.0 table 28-11): the causes that a VM's BMC can determine. */
export const restartCause = {
  unknown: 0x0,
  chassisControl: 0x1,
  watchdog: 0x4,
  restoreAlwaysOn: 0x6,
  restorePrevious: 0x7,
} as const;

export type RestartCause = (typeof restartCause)[keyof typeof restartCause];

/** Numbers of the BMC's sensors: they stay what they are for good, because SEL records name them. */
export const sensorNumber = {
  powerUnit: 0x01,
  health: 0x02,
  guestHeartbeat: 0x03,
  guestTools: 0x04,
  watchdog: 0x05,
  eventLog: 0x06,
  cpuUsage: 0x10,
  cpuUsageMhz: 0x11,
  memoryActive: 0x12,
  memoryConsumed: 0x13,
  uptime: 0x14,
  diskRate: 0x15,
  networkRate: 0x16,
  powerConsumption: 0x17,
  /** Sensors that have events but no reading. */
  controller: 0x30,
  sessionAudit: 0x31,
  systemRestart: 0x32,
  criticalInterrupt: 0x33,
  operatingSystem: 0x34,
  management: 0x35,
} as const;

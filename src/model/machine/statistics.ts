/** Values that change constantly while the system runs; unknown ones are absent. Plain data. */
export interface MachineStatistics {
  /** summary.quickStats.overallCpuUsage, MHz. */
  readonly cpuUsageMhz?: number;
  /** summary.quickStats.guestMemoryUsage (active), MB. */
  readonly guestMemoryUsageMb?: number;
  /** summary.quickStats.hostMemoryUsage (consumed), MB. */
  readonly hostMemoryUsageMb?: number;
  /** summary.quickStats.uptimeSeconds, seconds since power-on. */
  readonly uptimeSeconds?: number;
  /** Performance counters disk.usage.average and net.usage.average, KB/s. */
  readonly diskUsageKbps?: number;
  readonly networkUsageKbps?: number;
  /** Performance counter power.power.average, W. */
  readonly powerWatts?: number;
  /** Name of the ESXi host that runs the VM. */
  readonly hostName?: string;
}

/** Boot option parameters that a BMC holds itself (IPMI 2.0 §28.12, table 28-14); the boot device is the VM's. */
export interface BootOptions {
  /** Parameter 0: 0 set complete, 1 set in progress, 2 commit write. */
  setInProgress: number;
  /** Parameter 1, service partition selector. */
  servicePartition: number;
  /** Parameter 2, service partition scan, bits [1:0]. */
  servicePartitionScan: number;
  /** Parameter 3, BMC boot flag valid bit clearing, bits [4:0]. */
  validBitClearing: number;
  /** Parameter 4, boot info acknowledge, bits [4:0]. */
  acknowledge: number;
}

export function createBootOptions(): BootOptions {
  return { setInProgress: 0, servicePartition: 0, servicePartitionScan: 0, validBitClearing: 0, acknowledge: 0 };
}

/**
 * Boot option parameters that a BMC stores itself (IPMI 2.0 §28.12, table 28-14); the boot device is the VM's. They are
 * semi-volatile: kept while the BMC runs, 0 when it starts.
 */
export interface BootOptions {
  /** Parameter 0: 0 set complete, 1 set in progress. */
  setInProgress: number;
  /** Parameter 1, service partition selector. */
  servicePartition: number;
  /** Parameter 2, service partition scan, bits [1:0]. */
  servicePartitionScan: number;
  /** Parameter 3, BMC boot flag valid bit clearing, bits [4:0]. */
  validBitClearing: number;
  /** Parameter 4, boot info acknowledge, bits [4:0]. */
  acknowledge: number;
  /** Parameter 5, boot flags that were set but have no effect on a VM, such as the BIOS boot type; 5 bytes. */
  readonly otherFlags: Buffer;
  /** Parameter 6, boot initiator info, 9 bytes. */
  readonly initiatorInfo: Buffer;
  /** Parameter 7, boot initiator mailbox: 5 blocks of 16 bytes. */
  readonly mailbox: Buffer;
  /** Numbers of the parameters that were marked invalid. */
  readonly invalid: Set<number>;
}

/** §28.12 requires at least 80 bytes. */
const mailboxBlocks = 5;
export const mailboxBlockLength = 16;

export function createBootOptions(): BootOptions {
  return {
    setInProgress: 0,
    servicePartition: 0,
    servicePartitionScan: 0,
    validBitClearing: 0,
    acknowledge: 0,
    otherFlags: Buffer.alloc(5),
    initiatorInfo: Buffer.alloc(9),
    mailbox: Buffer.alloc(mailboxBlocks * mailboxBlockLength),
    invalid: new Set(),
  };
}

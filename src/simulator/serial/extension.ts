/** VMware's telnet extension: option 232, by which a VM and a virtual serial port concentrator (vSPC) talk. */

export const vmwareOption = 232;

export const suboption = {
  knownByVm: 0,
  knownByProxy: 1,
  unknownToVm: 2,
  unknownToProxy: 3,
  vmotionBegin: 40,
  vmotionGoAhead: 41,
  vmotionNotNow: 43,
  vmotionPeer: 44,
  vmotionPeerOk: 45,
  vmotionComplete: 46,
  vmotionAbort: 48,
  doProxy: 70,
  willProxy: 71,
  wontProxy: 73,
  vcUuid: 80,
  getVcUuid: 81,
  vmName: 82,
  getVmName: 83,
  biosUuid: 84,
  getBiosUuid: 85,
  locationUuid: 86,
  getLocationUuid: 87,
} as const;

/** As reported in KNOWN-SUBOPTIONS-1. */
export const knownSuboptions = Buffer.from(Object.values(suboption));

/** Standard options that a VM offers or accepts. */
export const telnetOption = { binary: 0, echo: 1, suppressGoAhead: 3, authentication: 37, comPort: 44 } as const;

/** What a VM answers to GET-VM-VC-UUID and the like. */
export interface VmIdentity {
  readonly vcUuid: string;
  readonly biosUuid: string;
  readonly locationUuid: string;
  readonly name: string;
}

/** `01 23 45 67 89 ab cd ef-fe dc ba 98 00 00 00 00` */
export function spacedUuid(uuid: string): string {
  const pairs =
    uuid
      .toLowerCase()
      .replace(/[^0-9a-f]/g, "")
      .match(/../g) ?? [];
  return `${pairs.slice(0, 8).join(" ")}-${pairs.slice(8).join(" ")}`;
}

/** GET-… → its answer's code and text; undefined for other suboptions. */
export function identityAnswer(code: number, identity: VmIdentity): Buffer | undefined {
  const answers: Readonly<Record<number, readonly [number, string]>> = {
    [suboption.getVcUuid]: [suboption.vcUuid, spacedUuid(identity.vcUuid)],
    [suboption.getVmName]: [suboption.vmName, identity.name],
    [suboption.getBiosUuid]: [suboption.biosUuid, spacedUuid(identity.biosUuid)],
    [suboption.getLocationUuid]: [suboption.locationUuid, spacedUuid(identity.locationUuid)],
  };
  const answer = answers[code];
  return answer && Buffer.concat([Buffer.of(answer[0]), Buffer.from(answer[1])]);
}

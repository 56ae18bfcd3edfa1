/**
 * VMware's telnet extension, option 232, by which a VM's serial port speaks with a virtual serial port concentrator (vSPC):
 * "Using a Proxy with vSphere Virtual Serial Ports". Each message is a subnegotiation: code, data.
 */
import { encodeSubnegotiation, options } from "./bytes.js";

/** Names without their `VM-` or `VMOTION-` where that is clear. */
export const codes = {
  KNOWN_SUBOPTIONS_1: 0,
  KNOWN_SUBOPTIONS_2: 1,
  UNKNOWN_SUBOPTION_RCVD_1: 2,
  UNKNOWN_SUBOPTION_RCVD_2: 3,
  VMOTION_BEGIN: 40,
  VMOTION_GOAHEAD: 41,
  VMOTION_NOTNOW: 43,
  VMOTION_PEER: 44,
  VMOTION_PEER_OK: 45,
  VMOTION_COMPLETE: 46,
  VMOTION_ABORT: 48,
  DO_PROXY: 70,
  WILL_PROXY: 71,
  WONT_PROXY: 73,
  VM_VC_UUID: 80,
  GET_VM_VC_UUID: 81,
  VM_NAME: 82,
  GET_VM_NAME: 83,
  VM_BIOS_UUID: 84,
  GET_VM_BIOS_UUID: 85,
} as const;

export type Code = (typeof codes)[keyof typeof codes];

/** Bytes of a vMotion's sequence. */
export const sequenceLength = 4;
/** Bytes of the secret that the destination must know: 4 to 8. */
export const secretLength = 8;

export type VmMessage =
  | { readonly type: "known"; readonly codes: readonly number[] }
  /** The VM does not know what we sent. */
  | { readonly type: "unknown"; readonly code: number }
  | { readonly type: "doProxy"; readonly direction: string; readonly serviceUri: string }
  | { readonly type: "vcUuid" | "biosUuid" | "name"; readonly text: string }
  | { readonly type: "begin" | "complete"; readonly sequence: Buffer }
  | { readonly type: "peer"; readonly sequence: Buffer; readonly secret: Buffer }
  | { readonly type: "abort" }
  /** We do not know what the VM sent. */
  | { readonly type: "strange"; readonly code: number };

/** Content of a subnegotiation of option 232; undefined where it is too short to be one. */
export function decodeVmMessage(content: Buffer): VmMessage | undefined {
  const [code] = content;
  const data = content.subarray(1);
  switch (code) {
    case undefined:
      return undefined;
    case codes.KNOWN_SUBOPTIONS_1:
      return { type: "known", codes: [...data] };
    case codes.UNKNOWN_SUBOPTION_RCVD_1:
      return data[0] === undefined ? undefined : { type: "unknown", code: data[0] };
    case codes.DO_PROXY:
      return { type: "doProxy", direction: data.toString("latin1", 0, 1), serviceUri: data.toString("utf8", 1) };
    case codes.VM_VC_UUID:
      return { type: "vcUuid", text: data.toString() };
    case codes.VM_BIOS_UUID:
      return { type: "biosUuid", text: data.toString() };
    case codes.VM_NAME:
      return { type: "name", text: data.toString() };
    case codes.VMOTION_BEGIN:
    case codes.VMOTION_COMPLETE: {
      const type = code === codes.VMOTION_BEGIN ? "begin" : "complete";
      return data.length < sequenceLength ? undefined : { type, sequence: data.subarray(0, sequenceLength) };
    }
    case codes.VMOTION_PEER: {
      const [sequence, secret] = [data.subarray(0, sequenceLength), data.subarray(sequenceLength)];
      return secret.length === 0 ? undefined : { type: "peer", sequence, secret };
    }
    case codes.VMOTION_ABORT:
      return { type: "abort" };
    default:
      return { type: "strange", code };
  }
}

export function encodeProxyMessage(code: Code, ...data: readonly Uint8Array[]): Buffer {
  return encodeSubnegotiation(options.VMWARE, Buffer.concat([Buffer.from([code]), ...data]));
}

/** The suboptions that we support, as sent in KNOWN-SUBOPTIONS-2. */
export const knownSuboptions: Buffer = encodeProxyMessage(codes.KNOWN_SUBOPTIONS_2, Buffer.from(Object.values(codes)));

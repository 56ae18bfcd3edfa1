/** RMCP+ Open Session Request and Response (IPMI 2.0 §13.17-18, tables 13-9 and 13-10). */
import { MalformedPacketError, refuseLonger, requireLength } from "./malformedPacketError.js";
import { rmcpPlusStatus } from "./statusCode.js";

const requestLength = 32;
const responseLength = 36;
const errorResponseLength = 8;
const algorithmPayloadLength = 8;
const algorithmKinds = ["authentication", "integrity", "confidentiality"] as const;
type AlgorithmKind = (typeof algorithmKinds)[number];

/** Algorithm numbers; undefined is the wildcard (a "null" payload of length 0). */
export type ProposedAlgorithms = Readonly<Record<AlgorithmKind, number | undefined>>;

export interface OpenSessionRequest {
  readonly tag: number;
  /** 0 requests the highest level that the cipher suite allows. */
  readonly maximumPrivilege: number;
  readonly remoteConsoleSessionId: number;
  readonly algorithms: ProposedAlgorithms;
}

/** Throws MalformedPacketError if the message is truncated or does not have one algorithm payload of each kind. */
export function decodeOpenSessionRequest(message: Buffer): OpenSessionRequest {
  requireLength(message, requestLength, "Open Session Request");
  refuseLonger(message, requestLength, "Open Session Request");
  const proposed = algorithmKinds.map((kind, index) => decodeAlgorithm(message.subarray(8 + index * 8), kind, index));
  const [authentication, integrity, confidentiality] = proposed;
  return {
    tag: message.readUInt8(0),
    maximumPrivilege: message.readUInt8(1) & 0x0f,
    remoteConsoleSessionId: message.readUInt32LE(4),
    algorithms: { authentication, integrity, confidentiality },
  };
}

function decodeAlgorithm(payload: Buffer, kind: AlgorithmKind, type: number): number | undefined {
  const length = payload.readUInt8(3);
  if (payload.readUInt8(0) !== type || (length !== 0 && length !== algorithmPayloadLength)) {
    throw new MalformedPacketError(`Open Session Request has no ${kind} payload at the expected position`);
  }
  return length === 0 ? undefined : payload.readUInt8(4) & 0x3f;
}

export function encodeOpenSessionRequest(request: OpenSessionRequest): Buffer {
  const message = Buffer.alloc(requestLength);
  message.set([request.tag, request.maximumPrivilege]);
  message.writeUInt32LE(request.remoteConsoleSessionId, 4);
  writeAlgorithms(message.subarray(8), request.algorithms);
  return message;
}

function writeAlgorithms(target: Buffer, algorithms: ProposedAlgorithms): void {
  algorithmKinds.forEach((kind, type) => {
    const number = algorithms[kind];
    const length = number === undefined ? 0 : algorithmPayloadLength;
    target.set([type, 0, 0, length, number ?? 0, 0, 0, 0], type * algorithmPayloadLength);
  });
}

export type OpenSessionResponse =
  | { readonly tag: number; readonly status: number; readonly remoteConsoleSessionId: number }
  | {
      readonly tag: number;
      readonly status: typeof rmcpPlusStatus.ok;
      readonly maximumPrivilege: number;
      readonly remoteConsoleSessionId: number;
      readonly managedSystemSessionId: number;
      readonly algorithms: ProposedAlgorithms;
    };

export function encodeOpenSessionResponse(response: OpenSessionResponse): Buffer {
  if (!("algorithms" in response)) {
    const message = Buffer.alloc(errorResponseLength);
    message.set([response.tag, response.status]);
    message.writeUInt32LE(response.remoteConsoleSessionId, 4);
    return message;
  }
  const message = Buffer.alloc(responseLength);
  message.set([response.tag, response.status, response.maximumPrivilege]);
  message.writeUInt32LE(response.remoteConsoleSessionId, 4);
  message.writeUInt32LE(response.managedSystemSessionId, 8);
  writeAlgorithms(message.subarray(12), response.algorithms);
  return message;
}

/** Throws MalformedPacketError. */
export function decodeOpenSessionResponse(message: Buffer): OpenSessionResponse {
  requireLength(message, errorResponseLength, "Open Session Response");
  const tag = message.readUInt8(0);
  const status = message.readUInt8(1);
  const remoteConsoleSessionId = message.readUInt32LE(4);
  if (status !== rmcpPlusStatus.ok) {
    return { tag, status, remoteConsoleSessionId };
  }
  requireLength(message, responseLength, "Open Session Response");
  const [authentication, integrity, confidentiality] = algorithmKinds.map((kind, index) =>
    decodeAlgorithm(message.subarray(12 + index * 8), kind, index),
  );
  return {
    tag,
    status,
    maximumPrivilege: message.readUInt8(2) & 0x0f,
    remoteConsoleSessionId,
    managedSystemSessionId: message.readUInt32LE(8),
    algorithms: { authentication, integrity, confidentiality },
  };
}

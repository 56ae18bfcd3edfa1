/**
 * The stream between the console process and who has a console open: type (u8), length (u32, big-endian), payload. Frames
 * can be cut anywhere.
 */

/**
 * Both directions may send `data` and `progress`: so many bytes of data (u32) have been taken since the last time. The
 * first five come from the client, the others from the console process.
 */
export const frameTypes = {
  hello: 1,
  data: 2,
  break: 3,
  take: 4,
  release: 5,
  welcome: 6,
  status: 7,
  overrun: 8,
  end: 9,
  progress: 10,
} as const;

export type FrameType = keyof typeof frameTypes;

/**
 * Bytes that may be on their way in either direction without a `progress` that takes them: the buffers of the kernel would
 * hide for a long time that the other end has stopped to read, and what is typed must not block what comes the other way.
 */
export const windowBytes = 65_536;

/**
 * Bytes that are taken until a `progress` tells so: less is not worth waking the other end for, with each key for one, and
 * is a small part of the window.
 */
export const progressBytes = 4_096;

/** Longest payload in bytes. */
export const maxPayloadLength = 65_536;
export const frameHeaderLength = 5;

export interface Frame {
  readonly type: FrameType;
  readonly payload: Buffer;
}

const typeNames = new Map<number, FrameType>(
  Object.entries(frameTypes).map(([name, number]) => [number, name as FrameType]),
);

const nothing = Buffer.alloc(0);

/** Header and payload as one buffer. @throws RangeError for more than `maxPayloadLength` bytes */
export function encodeFrame(type: FrameType, payload: Uint8Array = nothing): Buffer {
  return Buffer.concat([encodeFrameHeader(type, payload.length), payload]);
}

/** For a payload that is not to be copied. */
export function encodeFrameHeader(type: FrameType, payloadLength: number): Buffer {
  if (payloadLength > maxPayloadLength) {
    throw new RangeError(`a frame holds at most ${maxPayloadLength} bytes, not ${payloadLength}`);
  }
  const header = Buffer.allocUnsafe(frameHeaderLength);
  header.writeUInt8(frameTypes[type], 0);
  header.writeUInt32BE(payloadLength, 1);
  return header;
}

/** So many bytes of data have been taken. */
export function encodeProgress(count: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(count);
  return encodeFrame("progress", payload);
}

export interface FrameDecoder {
  /**
   * The frames that are complete now. A payload may be a view of `chunk`, valid as long as that is unchanged.
   * @throws Error for an unknown type or a length above `maxPayloadLength`; the stream is useless from then on
   */
  readonly push: (chunk: Buffer) => Frame[];
}

/** Holds at most one incomplete frame. */
export function createFrameDecoder(): FrameDecoder {
  const waiting: Buffer[] = [];
  let waitingLength = 0;
  let needed = frameHeaderLength;

  function joined(chunk: Buffer): Buffer {
    const bytes = waiting.length === 0 ? chunk : Buffer.concat([...waiting, chunk]);
    waiting.length = 0;
    waitingLength = 0;
    return bytes;
  }

  function keep(rest: Buffer): void {
    needed = rest.length < frameHeaderLength ? frameHeaderLength : frameLength(rest, 0);
    if (rest.length > 0) {
      waiting.push(rest);
      waitingLength = rest.length;
    }
  }

  return {
    push: (chunk) => {
      if (waitingLength + chunk.length < needed) {
        waiting.push(chunk);
        waitingLength += chunk.length;
        return [];
      }
      const bytes = joined(chunk);
      const frames: Frame[] = [];
      let start = 0;
      while (bytes.length - start >= frameHeaderLength) {
        const end = start + frameLength(bytes, start);
        if (end > bytes.length) {
          break;
        }
        frames.push({ type: typeAt(bytes, start), payload: bytes.subarray(start + frameHeaderLength, end) });
        start = end;
      }
      keep(bytes.subarray(start));
      return frames;
    },
  };
}

/** Header included. Checks the header as soon as it is there, so that nothing is kept for a frame that is refused. */
function frameLength(bytes: Buffer, start: number): number {
  typeAt(bytes, start);
  const length = bytes.readUInt32BE(start + 1);
  if (length > maxPayloadLength) {
    throw new Error(`a frame of ${length} bytes is longer than ${maxPayloadLength}`);
  }
  return frameHeaderLength + length;
}

function typeAt(bytes: Buffer, start: number): FrameType {
  const type = typeNames.get(bytes.readUInt8(start));
  if (type === undefined) {
    throw new Error(`a frame has the unknown type ${bytes.readUInt8(start)}`);
  }
  return type;
}

/** FRU inventory areas (Platform Management FRU Information Storage Definition 1.0, chapters 8 and 10 to 13). */
import { checksum } from "../../../base/checksum.js";

const formatVersion = 0x01;
const areaUnit = 8;
const english = 0x00;
/** Type/length byte: bits [7:6] 11b is 8-bit ASCII and Latin 1, bits [5:0] the length (chapter 13). */
const latin1 = 0xc0;
const endOfFields = 0xc1;
const maxFieldLength = 0x3f;
/** SMBIOS chassis type 1, other: what the guest of a VM sees. */
const otherChassis = 0x01;

export interface FruContent {
  readonly chassis: { readonly partNumber: string; readonly serialNumber: string; readonly custom: readonly string[] };
  readonly board: {
    readonly manufacturer: string;
    readonly productName: string;
    readonly serialNumber: string;
    readonly partNumber: string;
    readonly custom: readonly string[];
  };
  readonly product: {
    readonly manufacturer: string;
    readonly productName: string;
    readonly partNumber: string;
    readonly version: string;
    readonly serialNumber: string;
    readonly assetTag: Buffer;
    readonly custom: readonly string[];
  };
}

/** All areas after their common header. */
export function encodeFru({ chassis, board, product }: FruContent): Buffer {
  const areas = [
    encodeArea([otherChassis], [chassis.partNumber, chassis.serialNumber, ...chassis.custom]),
    encodeArea(
      // Manufacturing date and time: unspecified.
      [english, 0, 0, 0],
      [board.manufacturer, board.productName, board.serialNumber, board.partNumber, noFileId, ...board.custom],
    ),
    encodeArea(
      [english],
      [
        product.manufacturer,
        product.productName,
        product.partNumber,
        product.version,
        product.serialNumber,
        product.assetTag,
        noFileId,
        ...product.custom,
      ],
    ),
  ];
  let offset = areaUnit;
  const offsets = areas.map((area) => {
    const own = offset / areaUnit;
    offset += area.length;
    return own;
  });
  // There is neither an internal use nor a multi-record area.
  const header = withChecksum(Buffer.from([formatVersion, 0, ...offsets, 0, 0, 0]));
  return Buffer.concat([header, ...areas]);
}

const noFileId = "";

function encodeArea(head: readonly number[], fields: readonly (string | Buffer)[]): Buffer {
  const body = Buffer.concat([...fields.map(encodeField), Buffer.from([endOfFields])]);
  const used = 2 + head.length + body.length + 1;
  const length = Math.ceil(used / areaUnit);
  const area = Buffer.alloc(length * areaUnit);
  area.set([formatVersion, length, ...head]);
  body.copy(area, 2 + head.length);
  return withChecksum(area);
}

function encodeField(field: string | Buffer): Buffer {
  const bytes = (typeof field === "string" ? toLatin1(field) : field).subarray(0, maxFieldLength);
  // A field of one byte would look like the end of the fields.
  const padded = bytes.length === 1 ? Buffer.concat([bytes, Buffer.from(" ")]) : bytes;
  return Buffer.concat([Buffer.from([latin1 | padded.length]), padded]);
}

function toLatin1(text: string): Buffer {
  // eslint-disable-next-line no-control-regex -- what Latin 1 cannot hold
  return Buffer.from(text.replace(/[^\u0000-\u00ff]/gu, "?"), "latin1");
}

function withChecksum(bytes: Buffer): Buffer {
  bytes.writeUInt8(checksum(bytes, 0, bytes.length - 1), bytes.length - 1);
  return bytes;
}

/** Fields of the product area before the asset tag. */
const assetTagPosition = 5;

/** The asset tag in the product area; undefined while the areas are incomplete, e.g. between two writes of a client. */
export function readAssetTag(fru: Buffer): Buffer | undefined {
  const header = fru.subarray(0, areaUnit);
  const start = (header[4] ?? 0) * areaUnit;
  const area = fru.subarray(start, start + (fru[start + 1] ?? 0) * areaUnit);
  if (
    start === 0 ||
    header.length < areaUnit ||
    area.length < areaUnit ||
    checksum(header) !== 0 ||
    checksum(area) !== 0
  ) {
    return undefined;
  }
  let offset = 3;
  for (let position = 0; ; position++) {
    const typeAndLength = area[offset] ?? endOfFields;
    if (typeAndLength === endOfFields) {
      return undefined;
    }
    const bytes = area.subarray(offset + 1, offset + 1 + (typeAndLength & maxFieldLength));
    if (position === assetTagPosition) {
      return typeAndLength >= latin1 ? Buffer.from(bytes) : undefined;
    }
    offset += 1 + bytes.length;
  }
}

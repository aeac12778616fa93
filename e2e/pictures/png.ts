import { deflateSync, inflateSync } from "node:zlib";

/** Pixels row by row, each as red, green and blue from 0 to 255. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
/** Bytes of a pixel by colour type: truecolour, indexed, truecolour with alpha. Screenshots and our references are of these. */
const samplesOf: ReadonlyMap<number, number> = new Map([
  [2, 3],
  [3, 1],
  [6, 4],
]);

/** Reads a PNG of eight bits a sample that is not interlaced; opaque, whatever its alpha says. */
export function decodePng(png: Uint8Array): Picture {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  if (!bytes.subarray(0, 8).equals(signature)) throw new Error("not a PNG");
  let header = { width: 0, height: 0, samples: 0, indexed: false };
  let palette: Uint8Array = new Uint8Array();
  const packed: Buffer[] = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString("latin1", at + 4, at + 8);
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") header = readHeader(data);
    if (type === "PLTE") palette = data;
    if (type === "IDAT") packed.push(data);
    at += length + 12;
  }
  const { width, height, samples, indexed } = header;
  const raw = unfilter(inflateSync(Buffer.concat(packed)), width * samples, height, samples);
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0, from = 0, to = 0; pixel < width * height; pixel++, from += samples, to += 3) {
    const [source, place] = indexed ? [palette, 3 * (raw[from] ?? 0)] : [raw, from];
    rgb[to] = source[place] ?? 0;
    rgb[to + 1] = source[place + 1] ?? 0;
    rgb[to + 2] = source[place + 2] ?? 0;
  }
  return { width, height, rgb };
}

const noteKey = "Comment";

/** What was noted in a picture of few colours; null where nothing was. */
export function readNote(png: Buffer): string | null {
  const start = png.indexOf(`tEXt${noteKey}\0`, 0, "latin1");
  if (start < 0) return null;
  return png.toString("latin1", start + 5 + noteKey.length, start + 4 + png.readUInt32BE(start - 4));
}

function readHeader(data: Buffer) {
  const type = data[9] ?? 0;
  const samples = samplesOf.get(type);
  if (samples === undefined || data[8] !== 8 || data[12] !== 0) throw new Error(`a PNG of colour type ${type}`);
  return { width: data.readUInt32BE(0), height: data.readUInt32BE(4), samples, indexed: type === 3 };
}

/** Each row begins with the number of what was subtracted from it: nothing, the left, the upper, their mean, or Paeth's pick. */
function unfilter(filtered: Uint8Array, rowLength: number, height: number, step: number): Uint8Array {
  const raw = new Uint8Array(rowLength * height);
  for (let row = 0; row < height; row++) {
    const filter = filtered[row * (rowLength + 1)] ?? 0;
    const from = row * (rowLength + 1) + 1;
    const to = row * rowLength;
    for (let index = 0; index < rowLength; index++) {
      const left = index < step ? 0 : (raw[to + index - step] ?? 0);
      const up = row === 0 ? 0 : (raw[to + index - rowLength] ?? 0);
      const corner = index < step || row === 0 ? 0 : (raw[to + index - rowLength - step] ?? 0);
      raw[to + index] = (filtered[from + index] ?? 0) + predicted(filter, left, up, corner);
    }
  }
  return raw;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const [toLeft, toUp, toCorner] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** With indexes into at most 256 colours: a fifth of the bytes of one with all of them. The note is found again by `readNote`. */
export function encodeIndexed(
  width: number,
  height: number,
  indexes: Uint8Array,
  palette: Uint8Array,
  note: string,
): Buffer {
  const rows = Buffer.alloc((width + 1) * height);
  for (let row = 0; row < height; row++)
    rows.set(indexes.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  return encode(width, height, 3, rows, [
    chunk("PLTE", palette),
    chunk("tEXt", Buffer.from(`${noteKey}\0${note}`, "latin1")),
  ]);
}

export function encodePng({ width, height, rgb }: Picture): Buffer {
  const rows = Buffer.alloc((3 * width + 1) * height);
  for (let row = 0; row < height; row++) {
    rows.set(rgb.subarray(row * 3 * width, (row + 1) * 3 * width), row * (3 * width + 1) + 1);
  }
  return encode(width, height, 2, rows, []);
}

function encode(width: number, height: number, type: number, rows: Buffer, between: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, type], 8);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    ...between,
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", new Uint8Array()),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** @typedef {{ size: number, png: Buffer }} Image a square picture; `size` in pixels */

/** Apple's names of sizes, all of them PNG: the second of a pair is for screens with two pixels to a point. */
const appleTypes = /** @type {const} */ ([
  ["ic11", 32],
  ["ic12", 64],
  ["ic07", 128],
  ["ic13", 256],
  ["ic08", 256],
  ["ic14", 512],
  ["ic09", 512],
  ["ic10", 1024],
]);

/**
 * A macOS icon: a big-endian header, then each picture behind its type and length.
 * @param {readonly Image[]} images of 32 to 1024 pixels
 */
export function icnsFile(images) {
  const parts = appleTypes.flatMap(([type, size]) => {
    const image = images.find((candidate) => candidate.size === size);
    return image === undefined ? [] : [chunk(type, image.png)];
  });
  return chunk("icns", Buffer.concat(parts));
}

/**
 * @param {string} type
 * @param {Buffer} data
 */
function chunk(type, data) {
  const head = Buffer.alloc(8);
  head.write(type, "latin1");
  head.writeUInt32BE(data.length + 8, 4);
  return Buffer.concat([head, data]);
}

/**
 * A Windows icon of PNG pictures, which Windows reads since Vista: a little-endian directory, then the pictures.
 * @param {readonly Image[]} images of at most 256 pixels
 */
export function icoFile(images) {
  const directory = Buffer.alloc(6 + 16 * images.length);
  directory.writeUInt16LE(1, 2);
  directory.writeUInt16LE(images.length, 4);
  let offset = directory.length;
  for (const [index, { size, png }] of images.entries()) {
    const at = 6 + 16 * index;
    // 256 does not fit into a byte and is written as 0.
    directory.writeUInt8(size % 256, at);
    directory.writeUInt8(size % 256, at + 1);
    directory.writeUInt16LE(1, at + 4);
    directory.writeUInt16LE(32, at + 6);
    directory.writeUInt32LE(png.length, at + 8);
    directory.writeUInt32LE(offset, at + 12);
    offset += png.length;
  }
  return Buffer.concat([directory, ...images.map(({ png }) => png)]);
}

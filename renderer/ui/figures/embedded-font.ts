import greek from "@fontsource-variable/inter/files/inter-greek-wght-normal.woff2?url";
import latin from "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url";

const faces = [
  { url: latin, range: "U+0000-00FF, U+2000-206F, U+2212" },
  { url: greek, range: "U+0370-03FF" },
] as const;

let loaded: Promise<string> | null = null;

/** Inter as `@font-face` rules with the font in them, so that a figure looks the same where it is not installed. */
export function embeddedFont(): Promise<string> {
  loaded ??= Promise.all(faces.map(({ url, range }) => fontFace(url, range))).then((rules) => rules.join(""));
  return loaded;
}

async function fontFace(url: string, range: string): Promise<string> {
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  return `@font-face{font-family:Inter;font-weight:100 900;src:url(data:font/woff2;base64,${toBase64(bytes)}) format("woff2");unicode-range:${range}}`;
}

/** In pieces: a call takes a limited number of arguments. */
export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}

import { round } from "./chart.ts";

export type SvgAttributes = Readonly<Record<string, string | number | undefined>>;

/** An element as text. Attributes without a value are left out; numbers are rounded to what can be seen. */
export function element(name: string, attributes: SvgAttributes, content = ""): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(typeof value === "number" ? String(round(value)) : String(value))}"`)
    .join("");
  return content === "" ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

export function textElement(text: string, attributes: SvgAttributes): string {
  return element("text", attributes, escapeXml(text));
}

export function group(attributes: SvgAttributes, content: readonly string[]): string {
  return element("g", attributes, content.join(""));
}

/** Text that may stand in XML; characters that no XML can hold are left out. */
export function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])/g, "")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
  );
}

/** Lines of at most so many characters, broken at spaces; a longer word gets a line of its own. */
export function wrapText(text: string, characters: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= characters) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

export interface VersionChanges {
  readonly version: string;
  readonly changes: readonly string[];
}

/** The versions of a changelog: a heading "## version" each, and a list of changes whose items may take several lines. */
export function changesOf(text: string): readonly VersionChanges[] {
  const [, ...sections] = text.split(/^## /m);
  return sections.map((section) => {
    const [version = "", ...lines] = section.split("\n");
    const items = lines.join("\n").split(/^- /m).slice(1);
    return { version: version.trim(), changes: items.map((item) => item.replace(/\s+/g, " ").trim()) };
  });
}

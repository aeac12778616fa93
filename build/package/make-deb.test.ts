import { describe, expect, test } from "vitest";
import { controlText, readWords } from "./linux/make-deb.mjs";

const words = ["-s", "dir", "--force", "-t", "deb", "-d", "libgtk-3-0 | libgtk-3-0t64", "-d", "libnss3"]
  .concat("--deb-recommends", "xvfb", "--deb-compression", "xz", "--architecture", "amd64", "--version", "0.1.0")
  .concat(
    "--name",
    "studio",
    "--maintainer",
    "A <a@b.invalid>",
    "--url",
    "https://a.invalid",
    "--deb-priority",
    "optional",
  )
  .concat("--description", "Merges models\n One line.\n\n Another.", "--deb-compression", "none")
  .concat("/tmp/a b/=/opt/The Studio", "/tmp/icon=1.png=/usr/share/icons/icon.png");

describe("a deb made as fpm is asked to", () => {
  test("has every file where it is to lie, and the last word of a kind holds", () => {
    const read = readWords(words);
    expect(read.mappings).toEqual([
      { from: "/tmp/a b/", to: "/opt/The Studio" },
      { from: "/tmp/icon=1.png", to: "/usr/share/icons/icon.png" },
    ]);
    expect(read["deb-compression"]).toBe("none");
  });

  test("says in its control file what it was told, as Debian wants it", () => {
    expect(controlText(readWords(words), 2049)).toBe(
      [
        "Package: studio",
        "Version: 0.1.0",
        "Architecture: amd64",
        "Maintainer: A <a@b.invalid>",
        "Installed-Size: 3",
        "Depends: libgtk-3-0 | libgtk-3-0t64, libnss3",
        "Recommends: xvfb",
        "Section: misc",
        "Priority: optional",
        "Homepage: https://a.invalid",
        "Description: Merges models",
        " One line.",
        " .",
        " Another.",
        "",
      ].join("\n"),
    );
  });

  test.each([
    ["another kind of package", words.map((word) => (word === "deb" ? "rpm" : word))],
    ["a word that it does not know", [...words, "--deb-systemd", "a.service"]],
    ["a file without a place", [...words, "/tmp/stray"]],
  ])("is refused for %s", (_, asked) => {
    expect(() => readWords(asked)).toThrow();
  });
});

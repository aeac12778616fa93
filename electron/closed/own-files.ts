import { extname, join, normalize, sep } from "node:path";

/** Whose files a page of the application's scheme may ask for: the window's or the engine's, each from its own host. */
export type Host = "app" | "engine";

export interface OwnFile {
  readonly host: Host;
  readonly path: string;
  readonly contentType: string;
}

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".woff2": "font/woff2",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
  ".txt": "text/plain; charset=utf-8",
};

/**
 * The file that an address of the application's scheme stands for; null for any other: another host, a way out of the host's
 * folder however it is written, a kind of file that no page needs.
 * @param folders absolute folder of each host's built files
 */
export function findOwnFile(address: string, folders: Readonly<Record<Host, string>>): OwnFile | null {
  const url = parseUrl(address);
  const host = url?.host;
  if (url === null || (host !== "app" && host !== "engine") || url.username !== "" || url.password !== "") return null;
  const decoded = decode(url.pathname);
  if (decoded === null || /[\0\\]/.test(decoded)) return null;
  const path = normalize(join(folders[host], decoded));
  const contentType = contentTypes[extname(path)];
  if (contentType === undefined || !path.startsWith(folders[host] + sep)) return null;
  return { host, path, contentType };
}

function parseUrl(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

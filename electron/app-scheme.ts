import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { protocol } from "electron";

/** `studio://app/…` is the window, `studio://engine/…` the engine. The scheme serves the built files of these two and nothing else. */
export const scheme = "studio";

const contentTypes: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".woff2": "font/woff2",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
};

const contentSecurityPolicies: Record<string, string> = {
  app: [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  // WebAssembly, workers and the file with the kernels: the CPU backend.
  engine: [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
};

/** WebGPU needs a secure context: must run before the application is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** @param folders absolute folder of each host's built files */
export function serveScheme(folders: Readonly<Record<"app" | "engine", string>>): void {
  protocol.handle(scheme, async (request) => {
    const url = new URL(request.url);
    const folder = url.host === "app" || url.host === "engine" ? folders[url.host] : undefined;
    const policy = contentSecurityPolicies[url.host];
    if (request.method !== "GET" || folder === undefined || policy === undefined) return notFound();
    const file = fileInside(folder, url.pathname);
    const contentType = file && contentTypes[extname(file)];
    if (!file || !contentType) return notFound();
    const body = await readFile(file).catch(() => null);
    if (body === null) return notFound();
    return new Response(body, {
      headers: {
        "Content-Type": contentType,
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
      },
    });
  });
}

function fileInside(folder: string, pathname: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (decoded.includes("\0")) return null;
  const file = normalize(join(folder, decoded));
  return file.startsWith(folder + sep) ? file : null;
}

function notFound(): Response {
  return new Response(null, { status: 404 });
}

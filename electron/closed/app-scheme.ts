import { readFile } from "node:fs/promises";
import { protocol } from "electron";
import { findOwnFile, type Host } from "./own-files.ts";

/** `studio://app/…` is the window, `studio://engine/…` the engine. The scheme serves the built files of these two and nothing else. */
export const scheme = "studio";

const contentSecurityPolicies: Readonly<Record<Host, string>> = {
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
export function serveScheme(folders: Readonly<Record<Host, string>>): void {
  protocol.handle(scheme, async ({ method, url }) => {
    const file = method === "GET" ? findOwnFile(url, folders) : null;
    const body = file && (await readFile(file.path).catch(() => null));
    if (file === null || body === null) return new Response(null, { status: 404 });
    return new Response(body, {
      headers: {
        "Content-Type": file.contentType,
        "Content-Security-Policy": contentSecurityPolicies[file.host],
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Cross-Origin-Resource-Policy": "same-origin",
      },
    });
  });
}

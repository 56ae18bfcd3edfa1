/** The page as built: a few files, read once and served with headers that forbid loading anything from elsewhere. */
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { defined } from "../../base/defined.js";
import type { HttpRequest, HttpResponse } from "../../io/http/exchange.js";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
};

/** Only what this server sends; blob images are screenshots. The terminal creates style elements, with the nonce. */
function securityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

const securityHeaders = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
} as const;

interface PageFile {
  readonly content: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

export interface PageFiles {
  /** undefined: the path is not part of the page. */
  readonly respond: (request: Pick<HttpRequest, "method" | "target" | "headers">) => HttpResponse | undefined;
}

/**
 * @param folder the output of `npm run build`: index.html and assets/, with compressed copies (.gz)
 * @throws Error if it is missing
 */
export function readPageFiles(folder: string): PageFiles {
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const extension = path.extname(name.replace(/\.gz$/, ""));
    if (types[extension] !== undefined) {
      // The names of assets include a hash of their content.
      const cache = name.startsWith("assets") ? "public, max-age=31536000, immutable" : "no-cache";
      const headers = { "Content-Type": types[extension], "Cache-Control": cache, ...securityHeaders };
      files.set(`/${name.split(path.sep).join("/")}`, { content: readFileSync(path.join(folder, name)), headers });
    }
  }
  const index = files.get("/index.html");
  if (!index) {
    throw new Error(`${folder} contains no index.html: run npm run build`);
  }

  return {
    respond: ({ method, target, headers }) => {
      const pathname = target.split(/[?#]/, 1)[0] ?? "/";
      const found = pathname === "/" ? "/index.html" : pathname;
      const file = files.get(found);
      if (!file) {
        return undefined;
      }
      if (method !== "GET" && method !== "HEAD") {
        return { status: 405, headers: { Allow: "GET, HEAD" } };
      }
      if (file === index) {
        return respondIndex(index);
      }
      const compressed = /\bgzip\b/.test(headers["accept-encoding"] ?? "") ? files.get(`${found}.gz`) : undefined;
      return {
        status: 200,
        headers: { ...file.headers, Vary: "Accept-Encoding", ...defined({ "Content-Encoding": compressed && "gzip" }) },
        body: (compressed ?? file).content,
      };
    },
  };
}

const nonceBytes = 16;

/** With a nonce of its own each time. */
function respondIndex({ content, headers }: PageFile): HttpResponse {
  const nonce = randomBytes(nonceBytes).toString("base64");
  return {
    status: 200,
    headers: { ...headers, "Content-Security-Policy": securityPolicy(nonce) },
    body: content.toString().replace("{{nonce}}", nonce),
  };
}

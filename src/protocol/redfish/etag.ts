/**
 * Entity tags (DSP0266 "ETags"): one strong, quoted tag over the stable properties of a resource, the same in header
 * and body.
 */
import { createHash } from "node:crypto";

import type { JsonObject } from "./json.js";

const tagLength = 16;

/** @param text the body as JSON */
export function etagOf(body: JsonObject, text: string, volatile: readonly string[] = []): string {
  const stable =
    volatile.length === 0
      ? text
      : JSON.stringify(Object.fromEntries(Object.entries(body).filter(([name]) => !volatile.includes(name))));
  return `"${createHash("sha1").update(stable).digest("base64url").slice(0, tagLength)}"`;
}

/**
 * Whether a header's tags include this one. Weak and unquoted forms count too: proxies create the former, clients the
 * latter.
 */
export function matchesEtag(header: string, etag: string): boolean {
  const bare = unquoted(etag);
  return header.split(",").some((tag) => tag.trim() === "*" || unquoted(tag) === bare);
}

function unquoted(tag: string): string {
  return tag.trim().replace(/^W\//, "").replaceAll(/^"|"$/g, "");
}

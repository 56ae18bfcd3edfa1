/** Which of several daemons on one config_dir serves a BMC. */
import { createHash } from "node:crypto";

import type { Shard } from "../../settings/config/schema.js";

/** Which of `count` daemons on one config_dir serves a BMC, counted from 0: the same on every host, permanently. */
export function shardOf(name: string, count: number): number {
  return createHash("sha256").update(name).digest().readUInt32BE(0) % count;
}

/** Which other daemon serves a BMC; undefined if it is this one. */
export function shardFault(name: string, shard: Shard | undefined): string | undefined {
  if (shard === undefined) {
    return undefined;
  }
  const owner = shardOf(name, shard.count);
  if (owner === shard.index) {
    return undefined;
  }
  return `${name} belongs to the daemon with shard ${owner}/${shard.count}; this one has ${shard.index}/${shard.count}`;
}

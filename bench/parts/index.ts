/** The table of the benchmark's parts. */
import type { Part } from "../part.js";
import { cli } from "./cli.js";
import { clients } from "./clients.js";
import { consoles } from "./consoles.js";
import { fleet } from "./fleet.js";
import { freshness } from "./freshness.js";
import { inventory } from "./inventory.js";
import { latency } from "./latency.js";
import { media } from "./media.js";
import { memory } from "./memory.js";
import { packed } from "./packed.js";
import { redfish } from "./redfish.js";
import { redfishPacked } from "./redfishPacked.js";
import { rounds } from "./rounds.js";
import { scale } from "./scale.js";
import { setups } from "./setups.js";
import { slowVcenter } from "./slowVcenter.js";
import { sol } from "./sol.js";
import { solIdle } from "./solIdle.js";
import { throughput } from "./throughput.js";
import { together } from "./together.js";
import { web } from "./web.js";

/** All parts, in the order in which they run. */
export const parts: readonly Part[] = [
  latency,
  throughput,
  setups,
  memory,
  clients,
  freshness,
  slowVcenter,
  together,
  cli,
  inventory,
  rounds,
  fleet,
  packed,
  scale,
  redfish,
  redfishPacked,
  media,
  sol,
  consoles,
  solIdle,
  web,
];

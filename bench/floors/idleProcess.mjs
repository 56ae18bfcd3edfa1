/** The least that a process for one BMC can be: Node with dgram, crypto and one bound socket. */
import "node:crypto";

import { createSocket } from "node:dgram";

createSocket("udp4").bind(0, "127.0.0.1", () => process.send?.("ready"));
process.on("disconnect", () => process.exit(0));

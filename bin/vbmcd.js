#!/usr/bin/env node
require("./run.js").run("process/daemon", "vbmcd");

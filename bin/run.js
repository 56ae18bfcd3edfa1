/** Runs a program: the bundle that `npm run build` makes of it. */
const { existsSync } = require("node:fs");
const path = require("node:path");

/** `program` is the name that it was called by: it says where settings and BMCs are. */
exports.run = async (entry, program) => {
  const bundle = path.join(__dirname, "../dist/bundle", entry, "main.js");
  if (!existsSync(bundle)) {
    process.stderr.write("vbmc4vsphere is not built yet: run npm run build\n");
    process.exitCode = 1;
    return;
  }
  process.exitCode = await require(bundle).main(process.argv.slice(2), program);
};

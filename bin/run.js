/** Runs a program: the bundle that `npm run build` makes of it. */
const { existsSync } = require("node:fs");
const path = require("node:path");

exports.run = async (entry) => {
  const bundle = path.join(__dirname, "../dist/bundle", entry, "main.js");
  if (!existsSync(bundle)) {
    process.stderr.write("vbmc4vsphere is not built yet: run npm run build\n");
    process.exitCode = 1;
    return;
  }
  process.exitCode = await require(bundle).main(process.argv.slice(2));
};

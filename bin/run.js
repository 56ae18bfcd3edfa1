/** Runs a program: the bundle that `npm run build` makes of it. */
const { existsSync } = require("node:fs");
const path = require("node:path");

/** As `engines` in package.json says; npm only warns of an older one, and dpkg can be forced. */
const oldestNode = 20;

/** `program` is the name that it was called by: it says where settings and BMCs are. */
exports.run = async (entry, program) => {
  const { node } = process.versions;
  if (Number(node.split(".")[0]) < oldestNode) {
    fail(`${program} needs Node.js ${oldestNode} or later; ${process.execPath} is ${node}`);
    return;
  }
  const bundle = path.join(__dirname, "../dist/bundle", entry, "main.js");
  if (!existsSync(bundle)) {
    fail("vbmc4vsphere is not built yet: run npm run build");
    return;
  }
  process.exitCode = await require(bundle).main(process.argv.slice(2), program);
};

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

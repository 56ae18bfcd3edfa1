/** Runs a program: the bundle that `npm run build` makes of it or, in a clone where only tsc has run, its modules. */
const { existsSync } = require("node:fs");
const path = require("node:path");

exports.run = async (entry) => {
  const bundle = path.join(__dirname, "../dist/bundle", entry, "main.js");
  const { main } = existsSync(bundle) ? require(bundle) : await import(`../dist/src/${entry}/main.js`);
  process.exitCode = await main(process.argv.slice(2));
};

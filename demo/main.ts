/**
 * `npm run demo`: the whole way once, visibly. Simulator, vbmcd and two BMCs live in a temporary folder on free ports of
 * the loopback interface, and are gone at the end and at Ctrl-C; `--keep` leaves them running until Ctrl-C.
 */
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { reasonOf } from "../src/base/errors.js";
import { startImageServer } from "../test/support/imageServer.js";
import { isoImage } from "../test/support/isoImage.js";
import { removeFolder } from "../test/support/temporaryFolder.js";
import { createPrinter, type Printer } from "./printer.js";
import { createShell } from "./shell.js";
import { bmcAccount, curl, ipmitool, prepare, setUp, type Stage } from "./stage.js";
import { findPrograms, insertImage, showBoot, showInventory, showMetric, showPower } from "./tour.js";

type Undo = (() => Promise<unknown>)[];

const printer = createPrinter(process.stdout, process.env);
process.exitCode = await demo(process.argv.includes("--keep"), interruption());

/** Resolves with the exit code, when nothing is left behind. */
async function demo(keeps: boolean, interrupted: AbortSignal): Promise<number> {
  const undo: Undo = [];
  try {
    await play(keeps, undo, interrupted);
    return 0;
  } catch (error) {
    if (interrupted.aborted) {
      return keeps ? 0 : 130;
    }
    process.stderr.write(`\nThe demo failed: ${reasonOf(error)}\n`);
    return 1;
  } finally {
    for (const step of undo.reverse()) {
      await step().catch((error: unknown) => process.stderr.write(`while cleaning up: ${reasonOf(error)}\n`));
    }
  }
}

async function play(keeps: boolean, undo: Undo, interruption: AbortSignal): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "vbmc-demo-"));
  undo.push(() => removeFolder(folder));
  const images = await startImageServer();
  undo.push(() => images.close());
  images.images.set("/rescue.iso", isoImage("RESCUE", 500_000));
  const image = `${images.url}/rescue.iso`;
  const exported = await prepare(folder);
  const shell = createShell({ folder, environment: { ...process.env, ...exported }, printer, interruption });
  const programs = findPrograms();
  const stage = await setUp(folder, shell, printer, undo);
  await showPower(shell, printer, stage, programs);
  await showInventory(shell, printer, stage, programs);
  await insertImage(shell, printer, stage, image, programs);
  await showBoot(shell, printer, stage, programs);
  await showMetric(shell, printer, stage, programs);
  printer.heading("The page of all BMCs");
  printer.output(
    `${stage.page} – user name ${bmcAccount.userName}, password ${bmcAccount.password}; ` +
      "the browser warns of the certificate, which is self-signed\n",
  );
  if (keeps) {
    explain(printer, folder, exported, stage, image);
    await once(interruption, "abort");
    return;
  }
  printer.heading("Done: all of it is removed again. To try it yourself: npm run demo -- --keep");
}

/** What to type in another terminal. */
function explain(
  { heading, output }: Printer,
  folder: string,
  { VIRTUALBMC_CONFIG, PATH }: Awaited<ReturnType<typeof prepare>>,
  { off, withConsole, metrics, page }: Stage,
  image: string,
): void {
  heading("Running until Ctrl-C. In another terminal, first:");
  output(`cd ${folder}\nexport PATH=${PATH.split(":")[0] ?? ""}:$PATH VIRTUALBMC_CONFIG=${VIRTUALBMC_CONFIG}\n`);
  for (const [what, ...lines] of [
    ["the BMCs", "vbmc list --long", `vbmc check ${off.name}`, "vbmc events"],
    ["IPMI", ...["power status", "power cycle", "sel elist"].map((command) => ipmitool(off, command))],
    ["Redfish", `${curl} ${off.redfish}/Systems/1`],
    ["console; ~. ends it", ipmitool(withConsole, "sol activate"), `vbmc console ${withConsole.name}`],
    [
      "virtual media",
      `vbmc media insert ${off.name} ${image} --boot-once --wait`,
      `vbmc media eject ${off.name} --wait`,
    ],
    ["metrics", `curl ${metrics}`],
    [`the page, as ${bmcAccount.userName} with password ${bmcAccount.password}`, page],
  ] as const) {
    heading(what);
    output(`${lines.join("\n")}\n`);
  }
}

/** Aborted by Ctrl-C, SIGTERM, a terminal that is closed and a reader that went; none of them ends the process before its time. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    if (!controller.signal.aborted) {
      controller.abort(new Error("interrupted"));
    }
  };
  process.stdout.on("error", abort);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, abort);
  }
  return controller.signal;
}

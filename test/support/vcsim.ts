/** govmomi's vCenter simulator, built once from test/vcsim/main.go and Debian's Go library. */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { peer } from "./peer.js";

const source = path.resolve(import.meta.dirname, "../../../test/vcsim/main.go");
const library = "/usr/share/gocode/src/github.com/vmware/govmomi/simulator";

export const vcsimPeer = peer(
  "golang-github-vmware-govmomi-dev",
  () => existsSync(library) && spawnSync("go", ["version"]).status === 0,
);

export interface Vcsim {
  /** Without user and password; ends in `/sdk`. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Makes `2 × vms` VMs, named `DC0_H0_VM0`, `DC0_C0_RP0_VM0` … */
export async function startVcsim(options: {
  readonly vms: number;
  readonly username: string;
  readonly password: string;
  readonly esx?: boolean;
}): Promise<Vcsim> {
  const { vms, username, password, esx = false } = options;
  const child = spawn(buildVcsim(), ["-vm", String(vms), ...(esx ? ["-esx"] : [])], {
    env: { ...process.env, VCSIM_USERNAME: username, VCSIM_PASSWORD: password },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const url = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (url.done) {
    throw new Error("vcsim ended before it told its URL");
  }
  return {
    url: url.value,
    close: async () => {
      child.stdin.end();
      await exited;
    },
  };
}

/** The binary is kept outside the tree, by what it is made of: a build takes about 20 s. */
function buildVcsim(): string {
  const toolchain = spawnSync("go", ["version"]).stdout.toString();
  const hash = createHash("sha256").update(toolchain).update(readFileSync(source)).digest("hex").slice(0, 16);
  const cache = path.join(tmpdir(), `vbmc-vcsim-${process.getuid?.() ?? 0}`);
  const binary = path.join(cache, hash);
  if (!existsSync(binary)) {
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    const unfinished = `${binary}.${process.pid}`;
    const build = spawnSync("go", ["build", "-o", unfinished, source], {
      env: { ...process.env, GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOCACHE: path.join(cache, "go-build") },
    });
    if (build.status !== 0) {
      throw new Error(`vcsim does not build: ${build.stderr.toString()}`);
    }
    // Whole or not at all: two test files may build at the same time.
    renameSync(unfinished, binary);
  }
  return binary;
}

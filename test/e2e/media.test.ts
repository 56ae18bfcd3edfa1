/** Virtual media on the command line, over IPMI and over Redfish, at both simulators; pyVmomi looks at drive and datastore. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, before, describe, test } from "node:test";

import { ask } from "../support/httpsClient.js";
import { isoImage } from "../support/isoImage.js";
import { bmcAccount, type MediaLab, startMediaLab } from "../support/mediaLab.js";
import { until } from "../support/patience.js";
import { peer } from "../support/peer.js";
import { isCommand } from "../support/programs.js";
import { bin } from "../support/stack.js";
import { removeFolder } from "../support/temporaryFolder.js";
import { vcenters } from "../support/vcenters.js";
import { hasPyvmomi } from "../support/witness.js";

const witnessPeer = peer("python3-pyvmomi", hasPyvmomi);
const ipmitoolPeer = peer("ipmitool", () => isCommand("ipmitool"));

const efi = ["UEFI", "efi", ["options=efiboot"]] as const;
const bios = ["Legacy", "bios", []] as const;

type Row = Readonly<Record<string, unknown>>;

for (const vcenter of vcenters) {
  describe(`virtual media at ${vcenter.name}`, { skip: vcenter.skip || witnessPeer.skip }, () => {
    let lab: MediaLab;
    let url: string;

    before(async () => {
      lab = await startMediaLab(vcenter);
      url = `${lab.images.url}/debian.iso`;
      lab.images.images.set("/debian.iso", isoImage("DEBIAN", 300_000));
    });
    after(() => lab.close());
    afterEach(async () => {
      lab.images.handle = undefined;
      assert.equal((await lab.daemon.vbmc("media", "eject", lab.vmName, "--wait")).code, 0);
    });

    const media = (...words: string[]): ReturnType<MediaLab["daemon"]["vbmc"]> => lab.daemon.vbmc("media", ...words);
    const rows = async (command: string, ...words: string[]): Promise<readonly Row[]> => {
      const { code, stdout, stderr } = await lab.daemon.vbmc(command, ...words, "-f", "json");
      assert.deepEqual([code, stderr], [0, ""]);
      return JSON.parse(stdout) as readonly Row[];
    };

    /** An image whose server waits in the middle of it until it is asked to go on. */
    function heldImage(): { readonly url: string; readonly goOn: () => void } {
      const image = isoImage("SLOW", 1_000_000);
      let goOn = (): void => undefined;
      lab.images.handle = (_request, response) => {
        response.writeHead(200, { "Content-Length": image.length });
        response.write(image.subarray(0, 500_000));
        goOn = () => response.end(image.subarray(500_000));
        return true;
      };
      return { url: `${lab.images.url}/slow.iso`, goOn: () => goOn() };
    }

    test("vbmc media lists, inserts and ejects; the drive and the datastore are as it says", async () => {
      const { vmName } = lab;
      const [cd] = await rows("media", "list", vmName);
      assert.deepEqual(cd, { Drive: "CD drive", State: "empty", Image: null, Progress: null, Reason: null });
      const inserted = await media("insert", vmName, url, "--wait");
      assert.deepEqual(inserted, { code: 0, stdout: `${url} is in the CD drive of ${vmName}\n`, stderr: "" });
      const [file = ""] = await lab.stored();
      assert.match(file, /^debian-[0-9a-f]{12}\.iso$/);
      const drive = await lab.drive();
      assert.ok(drive.image?.endsWith(`vbmc-media/${file}`), String(drive.image));
      assert.equal(drive.startsConnected, true);
      assert.deepEqual((await rows("media", "list", vmName))[0], { ...cd, State: "inserted", Image: url });
      const shown = await rows("show", vmName);
      assert.equal(shown.find(({ Property }) => Property === "media_cd")?.["Value"], "debian.iso (inserted)");
      assert.equal((await rows("list", "--long"))[0]?.["Media"], "debian.iso (inserted)");
      const ejected = await media("eject", vmName, "--wait");
      assert.deepEqual(ejected, { code: 0, stdout: `The CD drive of ${vmName} is empty\n`, stderr: "" });
      assert.deepEqual([(await lab.drive()).image, await lab.stored()], [null, []]);
      const events = JSON.stringify(await rows("events", vmName));
      for (const text of [
        "debian.iso is being inserted into the CD drive",
        "debian.iso is in the CD drive",
        "is empty",
      ]) {
        assert.ok(events.includes(text), events);
      }
    });

    test("a local file goes through the daemon; one that is not there, or no image, is refused with the reason", async () => {
      const folder = await mkdtemp(path.join(tmpdir(), "vbmc-local-"));
      try {
        const file = path.join(folder, "local.iso");
        await writeFile(file, isoImage("LOCAL"));
        const { code, stderr } = await media("insert", lab.vmName, file, "--wait");
        assert.deepEqual([code, stderr], [0, ""]);
        assert.match((await lab.stored())[0] ?? "", /^local-/);
        await media("eject", lab.vmName, "--wait");
        await writeFile(file, "<html>please log in</html>");
        const page = await media("insert", lab.vmName, file, "--wait");
        assert.deepEqual([page.code, page.stdout], [1, ""]);
        assert.match(page.stderr, /web page/);
        const none = await media("insert", lab.vmName, path.join(folder, "none.iso"));
        assert.deepEqual([none.code, none.stderr.includes("none.iso cannot be read: ENOENT")], [1, true]);
      } finally {
        await removeFolder(folder);
      }
    });

    test("what cannot be is one line and an exit code", async () => {
      for (const [words, code, text] of [
        [["insert", lab.vmName], 2, /needs the image/],
        [["eject", lab.vmName, "x.iso"], 2, /takes no image/],
        [["mount", lab.vmName, "x.iso"], 2, /invalid choice: 'mount'/],
        [["list", "unknown"], 1, /No VM with matching name unknown/],
        [["insert", lab.vmName, "[nowhere] x.iso", "--wait"], 1, /no datastore nowhere/],
        [["insert", lab.vmName, `${lab.images.url}/none.iso`, "--wait"], 1, /HTTP 404: there is no such image/],
        [["insert", lab.vmName, "nfs://server/x.iso"], 1, /mount the share/],
        [["insert", lab.vmName, url, "--floppy", "--wait"], 1, vcenter.hasFloppy ? /1.44 MB/ : /no floppy drive/],
        [["insert", lab.vmName, "http://169.254.169.254/x.iso", "--wait"], 1, /image_loopback|is an address/],
      ] as const) {
        const outcome = await media(...words);
        assert.equal(outcome.code, code, `${words.join(" ")}: ${outcome.stderr}`);
        assert.match(outcome.stderr, text);
        assert.ok(code === 2 || !outcome.stderr.trim().includes("\n"), outcome.stderr);
      }
      assert.deepEqual([(await lab.drive()).image, await lab.stored()], [null, []]);
    });

    test("without --wait it says that the image is on its way; who waits can leave, and an eject calls it off", async () => {
      const { goOn, url: slow } = heldImage();
      const { code, stdout } = await media("insert", lab.vmName, slow);
      assert.deepEqual([code, stdout.includes(`is on its way to the CD drive of ${lab.vmName}`)], [0, true], stdout);
      const [cd] = await rows("media", "list", lab.vmName);
      assert.equal(cd?.["State"], "uploading");
      assert.ok(Number(cd["Progress"]) > 0 && Number(cd["Progress"]) < 100, JSON.stringify(cd));
      const waiting = media("insert", lab.vmName, slow, "--wait");
      const other = await media("insert", lab.vmName, url);
      assert.match(other.stderr, /another image is on its way/);
      assert.equal((await media("eject", lab.vmName, "--wait")).code, 0);
      const outcome = await waiting;
      assert.equal(outcome.code, 1);
      assert.match(outcome.stderr, /ejected meanwhile/);
      goOn();
      assert.deepEqual([(await lab.drive()).image, await lab.stored()], [null, []]);
    });

    async function switched(command: "on" | "off"): Promise<void> {
      const { witness, vmName, ipmitool } = lab;
      assert.equal((await ipmitool("power", command)).code, 0);
      const state = command === "on" ? "poweredOn" : "poweredOff";
      await until(`it is ${state}`, async () => (await witness.look(vmName)).powerState === state);
    }

    /** Switched off and on again, it starts as before; without VMware Tools the order comes back with the next start only. */
    async function startsByItself(before: readonly string[]): Promise<void> {
      const { witness, vmName } = lab;
      for (const command of ["off", "on", "off"] as const) {
        await switched(command);
      }
      assert.deepEqual((await witness.look(vmName)).bootOrder, before);
    }

    for (const [mode, firmware, options] of vcenter.tellsFirmware ? [efi, bios] : [efi]) {
      const title = `IPMI's bootdev cdrom boots the image once, and then the disk again, with the firmware ${firmware}`;
      test(title, { skip: ipmitoolPeer.skip }, async () => {
        const { witness, vmName, ipmitool } = lab;
        await switched("off");
        const { status } = await ask({
          port: lab.redfishPort,
          path: "/redfish/v1/Systems/1",
          method: "PATCH",
          auth: `${bmcAccount.username}:${bmcAccount.password}`,
          json: { Boot: { BootSourceOverrideMode: mode } },
        });
        assert.deepEqual([status, (await witness.hardware(vmName)).firmware], [200, firmware]);
        const before = (await witness.look(vmName)).bootOrder;
        await media("insert", vmName, url, "--wait");
        assert.equal((await ipmitool("chassis", "bootdev", "cdrom", ...options)).code, 0);
        assert.equal((await witness.look(vmName)).bootOrder[0], "cdrom");
        await switched("on");
        assert.match((await ipmitool("chassis", "bootparam", "get", "5")).stdout, /Boot Flag Invalid/);
        await startsByItself(before);
      });
    }

    test("Ctrl-C ends the waiting with 130, and the image goes on", async () => {
      const { goOn, url: slow } = heldImage();
      const child = spawn(process.execPath, [bin("vbmc"), "media", "insert", lab.vmName, slow, "--wait"], {
        env: lab.daemon.env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      const exited = once(child, "exit");
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      await until(
        "it is uploaded",
        async () => (await rows("media", "list", lab.vmName))[0]?.["State"] === "uploading",
      );
      // It has asked by then, and waits.
      await lab.daemon.vbmc("list");
      child.kill("SIGINT");
      const [code] = (await exited) as [number | null];
      assert.deepEqual([code, /interrupted: vbmc media list/.test(stderr)], [130, true], stderr);
      goOn();
      await until("it is inserted", async () => (await rows("media", "list", lab.vmName))[0]?.["State"] === "inserted");
    });

    test("vbmc media insert --boot-once starts from the image, once", { skip: ipmitoolPeer.skip }, async () => {
      const { witness, vmName } = lab;
      await switched("off");
      const before = (await witness.look(vmName)).bootOrder;
      const { code, stderr } = await media("insert", vmName, url, "--boot-once", "--wait");
      assert.deepEqual([code, stderr], [0, ""]);
      const { powerState, bootOrder } = await witness.look(vmName);
      assert.deepEqual([powerState, bootOrder[0]], ["poweredOff", "cdrom"]);
      await switched("on");
      await startsByItself(before);
    });

    test("a floppy of 1.44 MB goes into the floppy drive, which is added to a VM that is off", async () => {
      await lab.ipmitool("power", "off");
      lab.images.images.set("/boot.img", Buffer.alloc(1_474_560));
      const floppy = `${lab.images.url}/boot.img`;
      const { code, stdout, stderr } = await media("insert", lab.vmName, floppy, "--floppy", "--wait");
      assert.deepEqual([code, stdout], [0, `${floppy} is in the floppy drive of ${lab.vmName}\n`], stderr);
      const drives = await lab.witness.media(lab.vmName);
      assert.ok(drives.some(({ image, startsConnected }) => startsConnected && /boot-\w+\.flp$/.test(image ?? "")));
      assert.equal((await media("eject", lab.vmName, "--floppy", "--wait")).code, 0);
      assert.deepEqual(await lab.stored(), []);
    });

    test("vbmc check says where images are stored", async () => {
      const steps = await rows("check", lab.vmName);
      const step = steps.find((each) => each["Step"] === "media");
      assert.equal(step?.["Status"], "ok", JSON.stringify(step));
      assert.match(String(step["Detail"]), /images are stored on \S+/);
    });
  });
}

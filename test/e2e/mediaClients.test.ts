/** Virtual media by the clients that people have, at both simulators; pyVmomi looks at drive and datastore after each step. */
import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, before, describe, test } from "node:test";

import { isoImage } from "../support/isoImage.js";
import { bmcAccount, type MediaLab, startMediaLab } from "../support/mediaLab.js";
import { until } from "../support/patience.js";
import { isPythonModule, peer } from "../support/peer.js";
import { isCommand, run } from "../support/programs.js";
import { openSushy, type Sushy } from "../support/sushy.js";
import { removeFolder } from "../support/temporaryFolder.js";
import { vcenters } from "../support/vcenters.js";
import { hasPyvmomi } from "../support/witness.js";

const witnessPeer = peer("python3-pyvmomi", hasPyvmomi);
const sushyPeer = peer("python3-sushy", () => isPythonModule("sushy"));
const ansiblePeer = peer("ansible", () => isCommand("ansible-playbook"));
const curlPeer = peer("curl", () => isCommand("curl"));

for (const vcenter of vcenters) {
  describe(`clients of virtual media at ${vcenter.name}`, { skip: vcenter.skip || witnessPeer.skip }, () => {
    let lab: MediaLab;
    let url: string;

    before(async () => {
      lab = await startMediaLab(vcenter);
      url = `${lab.images.url}/agent.iso`;
      lab.images.images.set("/agent.iso", isoImage("AGENT", 200_000));
    });
    after(() => lab.close());
    afterEach(async () => {
      lab.images.handle = undefined;
      await lab.daemon.vbmc("media", "eject", lab.vmName, "--wait");
    });

    /** What is in the drive, and how many files of ours are stored. */
    async function isInserted(wanted: boolean): Promise<void> {
      const { image, startsConnected } = await lab.drive();
      const stored = await lab.stored();
      assert.deepEqual([startsConnected, stored.length], [wanted, wanted ? 1 : 0]);
      assert.equal(image?.endsWith(`vbmc-media/${stored[0] ?? ""}`) ?? false, wanted);
    }

    describe("sushy", { skip: sushyPeer.skip }, () => {
      let sushy: Sushy;

      before(() => {
        sushy = openSushy(lab.redfishPort, bmcAccount.username, bmcAccount.password, lab.authority);
      });
      after(() => sushy.close());

      test("inserts and ejects, and finds in the slot what it has sent", async () => {
        assert.equal(await sushy.run("insertMedia", url), null);
        await isInserted(true);
        assert.deepEqual(await sushy.run("media"), { inserted: true, image: url, verifies: true });
        assert.equal(await sushy.run("insertMedia", url), null, "the same once more is success");
        assert.match(String(await sushy.run("insertMedia", `${lab.images.url}/other.iso`)), /eject it first/);
        assert.equal(await sushy.run("ejectMedia"), null);
        await isInserted(false);
        assert.deepEqual(await sushy.run("media"), { inserted: false, image: null, verifies: true });
        assert.equal(await sushy.run("ejectMedia"), null, "an empty drive is success");
      });

      test("learns what is wrong with an image, in words", async () => {
        assert.match(String(await sushy.run("insertMedia", `${lab.images.url}/none.iso`)), /HTTP 404/);
        lab.images.images.set("/page.iso", Buffer.from(`<html>${" ".repeat(40_000)}</html>`));
        assert.match(String(await sushy.run("insertMedia", `${lab.images.url}/page.iso`)), /web page/);
        await isInserted(false);
      });

      test("sets the verification of certificates for the slot", async () => {
        for (const verifies of ["false", "true"]) {
          await sushy.run("verifyMedia", verifies);
          assert.equal(((await sushy.run("media")) as Record<string, unknown>)["verifies"], verifies === "true");
        }
      });

      for (const mode of vcenter.tellsFirmware ? ["UEFI", "Legacy"] : ["UEFI"]) {
        test(`deploys ${mode} as Metal³ does: off, eject, insert, mode, Cd once, on; then eject and disk while the guest runs`, async () => {
          const { witness, vmName } = lab;
          await sushy.run("reset", "ForceOff");
          await sushy.run("ejectMedia");
          await sushy.run("insertMedia", url);
          assert.equal(await sushy.run("setMode", mode), null);
          assert.equal((await witness.hardware(vmName)).firmware, mode === "UEFI" ? "efi" : "bios");
          await sushy.run("setBoot", "Cd", "Once");
          assert.equal((await witness.look(vmName)).bootOrder[0], "cdrom");
          await sushy.run("reset", "On");
          assert.equal((await witness.look(vmName)).powerState, "poweredOn");
          assert.equal((await lab.drive()).isConnected, vcenter.connectsDrives);
          const spent = (await sushy.run("boot")) as Record<string, string>;
          assert.deepEqual([spent["target"], spent["enabled"]], ["None", "Disabled"]);
          assert.equal(await sushy.run("ejectMedia"), null);
          await isInserted(false);
          await sushy.run("setBoot", "Hdd", "Continuous");
          await sushy.run("reset", "ForceOff");
          await sushy.run("reset", "On");
          assert.equal((await witness.look(vmName)).bootOrder[0], "disk");
          await sushy.run("reset", "ForceOff");
          await sushy.run("setBoot", "None", "Disabled");
        });
      }

      test("a start that is asked for while the image is on its way boots from it", async () => {
        await sushy.run("reset", "ForceOff");
        const image = isoImage("LATE", 500_000);
        lab.images.handle = (_request, response) => {
          response.writeHead(200, { "Content-Length": image.length });
          response.write(image.subarray(0, 100_000));
          setTimeout(() => response.end(image.subarray(100_000)), 2_000);
          return true;
        };
        const { code } = await lab.daemon.vbmc("media", "insert", lab.vmName, `${lab.images.url}/late.iso`);
        assert.equal(code, 0);
        await sushy.run("reset", "On");
        await until("it starts", async () => (await lab.witness.look(lab.vmName)).powerState === "poweredOn");
        await isInserted(true);
        assert.equal((await lab.drive()).isConnected, vcenter.connectsDrives);
        await sushy.run("reset", "ForceOff");
      });
    });

    test(
      "Ansible's VirtualMediaInsert and VirtualMediaEject, of System and Manager",
      { skip: ansiblePeer.skip },
      async () => {
        const folder = await mkdtemp(path.join(tmpdir(), "vbmc-playbook-"));
        try {
          const playbook = path.join(folder, "media.yml");
          await writeFile(playbook, playbookText(lab, url));
          const env = { ...process.env, HOME: folder, ANSIBLE_NOCOLOR: "1", ANSIBLE_RETRY_FILES_ENABLED: "0" };
          const { code, stdout, stderr } = await run("ansible-playbook", ["-i", "localhost,", playbook], { env });
          assert.equal(code, 0, stdout + stderr);
          assert.match(stdout, /changed=4 /);
          await isInserted(false);
        } finally {
          await removeFolder(folder);
        }
      },
    );

    test("the curl recipe of OpenShift's documentation", { skip: curlPeer.skip }, async () => {
      const script = `
        curl="curl -sS --fail-with-body --cacert ${lab.authority} -u ${bmcAccount.username}:${bmcAccount.password}"
        json="Content-Type: application/json"
        base=https://127.0.0.1:${lab.redfishPort}/redfish/v1
        $curl -H "$json" -X POST -d '{"Image": "${url}", "TransferProtocolType": "HTTP", "UserName": "", "Password": ""}' \\
          $base/Managers/1/VirtualMedia/Cd/Actions/VirtualMedia.InsertMedia
        $curl -H "$json" -H 'If-Match: *' -X PATCH \\
          -d '{"Boot": {"BootSourceOverrideTarget": "Cd", "BootSourceOverrideEnabled": "Once"}}' $base/Systems/1
        $curl -H "$json" -X POST -d '{"ResetType": "ForceRestart"}' $base/Systems/1/Actions/ComputerSystem.Reset ||
          $curl -H "$json" -X POST -d '{"ResetType": "On"}' $base/Systems/1/Actions/ComputerSystem.Reset
        $curl $base/Managers/1/VirtualMedia/Cd
      `;
      const { code, stdout, stderr } = await run("sh", ["-eu", "-c", script]);
      assert.equal(code, 0, stdout + stderr);
      assert.ok(stdout.includes(`"Image":"${url}"`), stdout);
      await isInserted(true);
      const eject = `curl -sS --fail-with-body --cacert ${lab.authority} -u ${bmcAccount.username}:${bmcAccount.password} \\
        -H "Content-Type: application/json" -X POST -d '{}' \\
        https://127.0.0.1:${lab.redfishPort}/redfish/v1/Managers/1/VirtualMedia/Cd/Actions/VirtualMedia.EjectMedia`;
      assert.equal((await run("sh", ["-eu", "-c", eject])).code, 0);
      await isInserted(false);
      await lab.ipmitool("power", "off");
    });
  });
}

/** The same image once more changes nothing. */
function playbookText({ redfishPort }: MediaLab, url: string): string {
  const at = `baseuri: "127.0.0.1:${redfishPort}", username: "${bmcAccount.username}", password: "${bmcAccount.password}"`;
  const step = (category: string, command: string): string => `
    - community.general.redfish_command:
        { category: ${category}, command: ${command}, ${at}, virtual_media: { image_url: "${url}", media_types: [CD, DVD] } }
`;
  const steps = ["Manager", "Systems"].flatMap((category) => [
    step(category, "VirtualMediaInsert"),
    step(category, "VirtualMediaInsert"),
    step(category, "VirtualMediaEject"),
  ]);
  return `- hosts: localhost\n  connection: local\n  gather_facts: false\n  tasks:\n${steps.join("")}`;
}

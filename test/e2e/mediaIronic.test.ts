/** A real Ironic deploys VMs by its boot interface `redfish-virtual-media`, as far as it goes without an agent in the guest. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { type ImageServer, startImageServer } from "../support/imageServer.js";
import { ironicPeer } from "../support/ironic.js";
import { bmcAccount, type IronicLab, startIronicLab } from "../support/ironicLab.js";
import { enrol, type IronicNode } from "../support/ironicNode.js";
import { isoImage } from "../support/isoImage.js";
import { peer } from "../support/peer.js";
import { vcenters } from "../support/vcenters.js";
import { hasPyvmomi } from "../support/witness.js";

const witnessPeer = peer("python3-pyvmomi", hasPyvmomi);
/** The BMC gets the image's own address, as with an image server beside Ironic. */
const settings = { deploy: { ramdisk_image_download_source: "http" }, redfish: { use_swift: "false" } };

for (const vcenter of vcenters) {
  const skip = vcenter.skip || ironicPeer.skip || witnessPeer.skip;
  describe(`Ironic by virtual media at ${vcenter.name}`, { skip }, () => {
    let lab: IronicLab;
    let images: ImageServer;
    let names: readonly string[];

    before(async () => {
      lab = await startIronicLab(2, {
        vcenter,
        settings,
        isDirect: true,
        configuration: "[media]\nimage_loopback = true\n",
      });
      images = await startImageServer();
      names = await lab.witness.names();
      images.images.set("/agent.iso", isoImage("AGENT", 300_000));
      images.images.set("/live.iso", isoImage("LIVE", 400_000));
      images.images.set("/disk.raw", Buffer.alloc(100_000, 1));
    });
    after(async () => {
      await lab.close();
      await images.close();
    });

    async function enrolled(name: string, deploy: "direct" | "ramdisk", more: object): Promise<IronicNode> {
      const info = {
        redfish_address: await lab.serveRedfish(name),
        redfish_username: bmcAccount.username,
        redfish_password: bmcAccount.password,
        redfish_verify_ca: false,
        deploy_iso: `${images.url}/agent.iso`,
      };
      const node = await enrol(lab.ironic, name, {
        driver: "redfish",
        driver_info: info,
        boot_interface: "redfish-virtual-media",
        deploy_interface: deploy,
        ...more,
      });
      const { uuid } = (await node.request("GET", "")) as { uuid: string };
      await lab.ironic.request("POST", "ports", {
        node_uuid: uuid,
        address: `00:50:56:00:00:0${names.indexOf(name) + 1}`,
      });
      await node.provision("manage", "manageable");
      await node.provision("provide", "available");
      return node;
    }

    /** The image in the VM's drive, by the name that it has on the datastore; undefined for an empty one. */
    const inDrive = async (name: string): Promise<string | undefined> => {
      const { image, startsConnected } = (await lab.witness.media(name))[0]!;
      return startsConnected ? /([a-z]+)-[0-9a-f]{12}\.iso$/.exec(image ?? "")?.[1] : undefined;
    };
    const stored = async (name: string): Promise<number> => (await lab.witness.files(name, "vbmc-media")).length;

    test("a node is deployed with a live image: it is in the drive, and the VM is on; torn down, it is gone", async () => {
      const [name = ""] = names;
      const node = await enrolled(name, "ramdisk", { instance_info: { boot_iso: `${images.url}/live.iso` } });
      const { boot, deploy, power } = await node.validate();
      assert.deepEqual([boot, deploy, power], [undefined, undefined, undefined]);
      await node.provision("active", "active");
      assert.deepEqual([await inDrive(name), await stored(name), await lab.power(name)], ["live", 1, "poweredOn"]);
      await node.provision("deleted", "available");
      assert.deepEqual([await inDrive(name), await stored(name), await lab.power(name)], [undefined, 0, "poweredOff"]);
    });

    test("a node boots the agent to have its disk written, and waits for it; given up, the drive is empty", async () => {
      const name = names[1] ?? "";
      const disk = images.images.get("/disk.raw")!;
      const node = await enrolled(name, "direct", {
        instance_info: {
          image_source: `${images.url}/disk.raw`,
          image_checksum: createHash("md5").update(disk).digest("hex"),
          image_disk_format: "raw",
          root_gb: 1,
        },
      });
      await node.provision("active", "wait call-back");
      assert.deepEqual([await inDrive(name), await stored(name), await lab.power(name)], ["agent", 1, "poweredOn"]);
      await node.provision("deleted", "available");
      assert.deepEqual([await inDrive(name), await stored(name), await lab.power(name)], [undefined, 0, "poweredOff"]);
    });

    test("an image that is not there fails the deployment with the reason", async () => {
      const [name = ""] = names;
      const { driver } = (await lab.ironic.request("GET", `nodes/${name}`)) as { driver: string };
      assert.equal(driver, "redfish");
      await lab.ironic.request("PATCH", `nodes/${name}`, [
        { op: "replace", path: "/instance_info", value: { boot_iso: `${images.url}/none.iso` } },
      ]);
      await lab.ironic.request("PUT", `nodes/${name}/states/provision`, { target: "active" });
      const failed = async (): Promise<string> => {
        const state = (await lab.ironic.request("GET", `nodes/${name}`)) as {
          provision_state: string;
          last_error: string | null;
        };
        return state.provision_state === "deploy failed" ? (state.last_error ?? "") : failed();
      };
      assert.match(await failed(), /HTTP 404|404/);
      assert.deepEqual([await inDrive(name), await stored(name)], [undefined, 0]);
    });
  });
}

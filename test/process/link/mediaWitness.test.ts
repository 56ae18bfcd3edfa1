/** Images in drives and datastores as a client sees them that is not ours (pyVmomi), at both simulators. */
import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";

import { deadlineIn } from "../../../src/base/async/deadline.js";
import type { MediaSlot } from "../../../src/model/machine/media.js";
import type { MachineOperation } from "../../../src/model/machine/operation.js";
import type { FromLink } from "../../../src/process/ipc/link.js";
import { createVcenterLink } from "../../../src/process/link/vcenterLink.js";
import { startImageServer } from "../../support/imageServer.js";
import { isoImage } from "../../support/isoImage.js";
import { peer } from "../../support/peer.js";
import { removeFolder } from "../../support/temporaryFolder.js";
import { vcenters } from "../../support/vcenters.js";
import { hasPyvmomi, openWitness } from "../../support/witness.js";

const pyvmomi = peer("python3-pyvmomi", hasPyvmomi).skip;
const timeoutMs = 20_000;
const media = {
  allowedUrls: [],
  allowedFolders: [],
  allowsLoopback: true,
  maxImageBytes: 64 * 1024 * 1024,
  maxTransferMs: 60_000,
  verifiesCertificates: true,
};

for (const vcenter of vcenters) {
  test(
    `${vcenter.name}: what is inserted is in the drive and the datastore, ejected it is in neither`,
    {
      skip: vcenter.skip !== false ? vcenter.skip : pyvmomi,
    },
    async () => {
      const running = await vcenter.start(1);
      const witness = await openWitness(running.url, running.username, running.password);
      const images = await startImageServer();
      const folder = await mkdtemp(path.join(tmpdir(), "vbmc-media-"));
      const [vmName = ""] = await witness.names();
      let known = (): void => undefined;
      const isKnown = new Promise<void>((resolve) => (known = resolve));
      const link = createVcenterLink(
        {
          viserver: new URL(running.url).host,
          username: running.username,
          password: running.password,
          tls: { trustFile: path.join(folder, "certificate") },
          nextBoot: "once",
          media,
        },
        (message: FromLink) => {
          if (message.type === "machineReport" && message.report.fresh) {
            known();
          }
        },
      );
      const operate = async (operation: MachineOperation): Promise<unknown> => {
        const result = await link.operate(vmName, operation, deadlineIn(timeoutMs));
        assert.ok(result.ok, JSON.stringify(result));
        return result.value;
      };
      try {
        link.serve([{ vmName, directory: folder }]);
        await isKnown;
        const image = isoImage("WITNESSED", 100_000);
        images.images.set("/witnessed.iso", image);
        const url = `${images.url}/witnessed.iso`;
        const nobody = { username: null, password: null, verifyCertificate: null };
        for (const power of ["off", "on"] as const) {
          await operate({ name: "power", power });
          await operate({ name: "insertMedia", slot: "cd", image: url, ...nobody });
          const [[name, size]] = (await witness.files(vmName, "vbmc-media")) as [[string, number]];
          assert.match(name, /^witnessed-[0-9a-f]{12}\.iso$/);
          assert.equal(size, image.length);
          const drive = (await witness.media(vmName)).find((each) => each.image !== null);
          assert.match(drive?.image ?? "", new RegExp(`^\\[\\S+\\] vbmc-media/${name}$`));
          assert.equal(drive?.startsConnected, true);
          assert.equal(((await operate({ name: "readMedia" })) as MediaSlot[])[0]?.image, url);
          await operate({ name: "ejectMedia", slot: "cd" });
          assert.deepEqual(await witness.files(vmName, "vbmc-media"), []);
          assert.ok((await witness.media(vmName)).every((each) => each.image === null && !each.startsConnected));
        }
      } finally {
        await link.stop();
        await witness.close();
        await images.close();
        await running.close();
        await removeFolder(folder);
      }
    },
  );
}

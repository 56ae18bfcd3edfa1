/** A vCenter link in this process whose VMs get images, and the server that they come from. */
import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";

import { deadlineIn } from "../../src/base/async/deadline.js";
import type { MediaInsertion, MediaSlot } from "../../src/model/machine/media.js";
import type { MachineOperationResult } from "../../src/model/machine/operation.js";
import type { MediaConfiguration } from "../../src/process/ipc/configuration.js";
import { type ImageServer, startImageServer } from "./imageServer.js";
import { isoImage } from "./isoImage.js";
import { until } from "./patience.js";
import { linksOfThisFile, type ServedLink, type ServedLinkOptions } from "./servedLink.js";

export const mebibyte = 1024 * 1024;
export const timeoutMs = 20_000;
export const succeeded = { ok: true, value: undefined };

const usual: MediaConfiguration = {
  allowedUrls: [],
  allowedFolders: [],
  allowsLoopback: true,
  maxImageBytes: 64 * mebibyte,
  maxTransferMs: 60_000,
  verifiesCertificates: true,
};

export interface MediaLink extends ServedLink {
  readonly insert: (image: string, more?: Partial<MediaInsertion>, vmName?: string) => Promise<MachineOperationResult>;
  readonly eject: (vmName?: string) => Promise<MachineOperationResult>;
  readonly slots: (vmName?: string) => Promise<readonly MediaSlot[]>;
  readonly cd: (vmName?: string) => Promise<MediaSlot>;
  /** Files in the datastore, in their order. */
  readonly files: () => readonly string[];
  /** Resolves when some of `held` has gone to the datastore. */
  readonly untilUploading: () => Promise<void>;
}

export interface MediaLinks {
  /** Serves all VMs of the simulator. */
  readonly open: (options?: ServedLinkOptions, media?: Partial<MediaConfiguration>) => Promise<MediaLink>;
  readonly images: () => ImageServer;
  /** Puts an image on the server, and gives its URL. */
  readonly put: (name: string, image?: Buffer) => string;
  /** An image whose server waits in the middle of it until it is asked to go on. */
  readonly held: (padding?: number) => HeldImage;
}

export interface HeldImage {
  readonly url: string;
  readonly goOn: () => void;
  readonly breakOff: () => void;
  readonly asked: Promise<void>;
}

/** For the tests of one file; each test's links are closed when it ends. */
export function mediaLinksOfThisFile(): MediaLinks {
  const openLink = linksOfThisFile();
  let images: ImageServer;
  before(async () => {
    images = await startImageServer();
  });
  after(() => images.close());
  afterEach(() => {
    images.handle = undefined;
    images.requests.length = 0;
    images.images.clear();
  });
  return {
    images: () => images,
    put: (name, image = isoImage(name)) => {
      images.images.set(`/${name}`, image);
      return `${images.url}/${name}`;
    },
    held: (padding = mebibyte) => heldImage(images, padding),
    open: async (options = {}, media = {}) => {
      const configuration = { media: { ...usual, ...media }, ...options.configuration };
      const served = await openLink({ ...options, configuration });
      served.simulator.behaviour.taskDurationMs = 5;
      await served.serve(...[...served.simulator.inventory.vms.values()].map(({ name }) => name));
      return withMedia(served);
    },
  };
}

function withMedia(served: ServedLink): MediaLink {
  const { link, simulator } = served;
  const slots = async (vmName = "vm-01"): Promise<readonly MediaSlot[]> => {
    const result = await link.operate(vmName, { name: "readMedia" }, deadlineIn(timeoutMs));
    assert.ok(result.ok, JSON.stringify(result));
    return result.value as readonly MediaSlot[];
  };
  return {
    ...served,
    insert: (image, more = {}, vmName = "vm-01") => {
      const account = { username: null, password: null, verifyCertificate: null };
      const insertion = { slot: "cd" as const, image, ...account, ...more };
      return link.operate(vmName, { name: "insertMedia", ...insertion }, deadlineIn(timeoutMs));
    },
    eject: (vmName = "vm-01") => link.operate(vmName, { name: "ejectMedia", slot: "cd" }, deadlineIn(timeoutMs)),
    slots,
    cd: async (vmName) => (await slots(vmName))[0]!,
    files: () => [...simulator.inventory.datastores[0]!.datastore.files.keys()],
    untilUploading: async () => {
      await until("some of the image is uploaded", async () => {
        const [cd] = await slots();
        return cd?.progress.stage === "uploading" && cd.progress.bytes > 0;
      });
    },
  };
}

function heldImage(images: ImageServer, padding: number): HeldImage {
  const image = isoImage("HELD", padding);
  let goOn = (): void => undefined;
  let breakOff = (): void => undefined;
  let wasAsked = (): void => undefined;
  const asked = new Promise<void>((resolve) => (wasAsked = resolve));
  images.handle = (_request, response) => {
    response.writeHead(200, { "Content-Length": image.length });
    response.write(image.subarray(0, 100_000));
    goOn = () => response.end(image.subarray(100_000));
    breakOff = () => response.destroy();
    wasAsked();
    return true;
  };
  return { url: `${images.url}/held.iso`, goOn: () => goOn(), breakOff: () => breakOff(), asked };
}

/** `kind: message` of an operation that has failed. */
export function failureOf(result: MachineOperationResult): string {
  assert.ok(!result.ok, "it should have failed");
  return `${result.kind}: ${result.message}`;
}

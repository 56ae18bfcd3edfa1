/** The pictures of README and docs/web.md, taken of real programs; SCREENSHOTS=1 replaces those of the documentation. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";

import type { Browser, Page } from "playwright-core";

import { startSimulator } from "../../src/simulator/index.js";
import { hasChromium, openBrowser, openPage } from "../support/browser.js";
import { startImageServer } from "../support/imageServer.js";
import { isoImage } from "../support/isoImage.js";
import { peer } from "../support/peer.js";
import { freeTcpPort, freeUdpPort } from "../support/ports.js";
import { isCommand, run } from "../support/programs.js";
import { inRepository } from "../support/repository.js";
import { type Daemon, startDaemon } from "../support/stack.js";
import { temporaryFolder } from "../support/temporaryFolder.js";
import { pictureOfTerminal } from "../support/terminalPicture.js";

const chromium = peer("chromium", hasChromium).skip;
const ipmitool = peer("ipmitool", () => isCommand("ipmitool")).skip;
const account = { username: "vbmc@vsphere.local", password: "vsphere" };
/** CSS pixels: a README of 800 still shows the letters at 9 pixels. */
const width = 1_280;
const machines = ["build-01", "esx-01", "esx-02", "esx-03", "k8s-01", "k8s-02"];

describe("pictures", { skip: chromium || ipmitool }, () => {
  const folder = process.env["SCREENSHOTS"] === undefined ? temporaryFolder() : inRepository("docs/images");
  mkdirSync(folder, { recursive: true });
  const fileOf = (name: string): string => path.join(folder, `${name}.png`);

  test("of the page: all BMCs, one of them, and its console", async () => {
    const simulator = await startSimulator({
      ...{ address: "127.0.0.1", port: 0, tls: true, vms: machines.map((name) => ({ name })) },
      ...account,
    });
    const images = await startImageServer();
    images.images.set("/debian-12.iso", isoImage("DEBIAN"));
    const [webPort, consolePort] = [await freeTcpPort(), await freeTcpPort()];
    const daemon = await startDaemon(
      `[web]\nlisten = ${webPort}\n[console]\nlisten = 127.0.0.1:${consolePort}\n[media]\nimage_loopback = true\n`,
    );
    const browser = await openBrowser();
    try {
      await furnish(daemon, new URL(simulator.url).host, `${images.url}/debian-12.iso`);
      const { page } = await openPage(browser, `https://127.0.0.1:${webPort}/`, width);
      await photograph(page, fileOf);
    } finally {
      await browser.close();
      await daemon.close();
      await images.close();
      await simulator.close();
    }
  });

  test("of a terminal: the demo's power commands and a boot over Serial over LAN", async () => {
    const demo = ["--import", "tsx", inRepository("demo/main.ts")];
    const { code, stdout } = await run(process.execPath, demo, { env: { ...process.env, FORCE_COLOR: "1" } });
    assert.equal(code, 0, stdout);
    const sections = stdout
      .split(/\n(?=\u001b\[1;36m# )/)
      .filter((section) => /# (IPMI|Serial over LAN):/.test(section));
    assert.equal(sections.length, 2, stdout);
    const browser: Browser = await openBrowser();
    try {
      await pictureOfTerminal(browser, sections.join("\n"), fileOf("terminal"));
    } finally {
      await browser.close();
    }
    assertFilled(fileOf("terminal"));
  });
});

/** A small laboratory: some machines run, one boots from an image, most have a console. */
async function furnish(daemon: Daemon, vcenter: string, image: string): Promise<void> {
  const vbmc = async (...words: string[]): Promise<void> => {
    const { code, stdout, stderr } = await daemon.vbmc(...words);
    assert.equal(code, 0, `vbmc ${words.join(" ")}: ${stdout}${stderr}`);
  };
  const ports = await Promise.all(machines.map(() => freeUdpPort()));
  const viserver = ["--viserver", vcenter, "--viserver-username", account.username];
  for (const [index, name] of machines.entries()) {
    const at = ["--address", "127.0.0.1", "--port", String(ports[index]), "--viserver-password", account.password];
    await vbmc("add", name, ...at, ...viserver);
  }
  await vbmc("start", "--all");
  for (const name of machines.slice(1)) {
    await vbmc("console", name, "--setup");
  }
  await vbmc("media", "insert", "build-01", image, "--boot-once", "--wait");
  for (const [index, name] of machines.entries()) {
    if (name !== "esx-03") {
      const to = ["-H", "127.0.0.1", "-p", String(ports[index]), "-U", "admin", "-P", "password"];
      assert.equal((await run("ipmitool", ["-I", "lanplus", ...to, "power", "on"])).code, 0);
    }
  }
}

async function photograph(page: Page, fileOf: (name: string) => string): Promise<void> {
  const take = async (name: string, height: number): Promise<void> => {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: fileOf(name), animations: "disabled" });
    assertFilled(fileOf(name));
  };
  await page.getByLabel("User name").fill("admin");
  await page.getByLabel("Password").fill("password");
  await page.getByRole("button", { name: "Log in" }).click();
  const rows = page.getByRole("table", { name: "Virtual BMCs" }).getByRole("row");
  await rows.filter({ hasText: "k8s-02" }).filter({ hasText: "connected" }).waitFor();
  await rows.filter({ hasText: "debian-12.iso" }).waitFor();
  const table = await page.getByRole("table", { name: "Virtual BMCs" }).boundingBox();
  assert.ok(table);
  await take("fleet", Math.ceil(table.y + table.height) + 20);
  await page.getByRole("link", { name: "esx-01" }).click();
  await page.getByRole("table", { name: "Users" }).getByText("admin", { exact: true }).waitFor();
  await take("bmc", 760);
  await page.getByRole("tab", { name: "Console" }).click();
  await page.locator(".xterm-rows").filter({ hasText: "login:" }).waitFor();
  await take("console", 640);
}

function assertFilled(file: string): void {
  assert.ok(readFileSync(file).length > 10_000, `${file} is nearly empty`);
}

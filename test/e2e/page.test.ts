/** The page in a browser, with the real daemon and a simulated vCenter: what a person does with it. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import path from "node:path";
import { after, afterEach, before, describe, test } from "node:test";

import type { Browser, Page } from "playwright-core";

import { hasChromium, openBrowser, openPage, type TestPage } from "../support/browser.js";
import { startImageServer } from "../support/imageServer.js";
import { isoImage } from "../support/isoImage.js";
import { patiently, until } from "../support/patience.js";
import { peer } from "../support/peer.js";
import { freeTcpPort } from "../support/ports.js";
import { inRepository } from "../support/repository.js";
import { startDaemon } from "../support/stack.js";
import { startTwoBmcs, type TwoBmcs } from "../support/twoBmcs.js";

const { skip } = peer("chromium", hasChromium);
const axe = readFileSync(inRepository("node_modules/axe-core/axe.min.js"), "utf8");
const account = { userName: "admin", password: "password" };

describe("the page of the fleet", { skip }, () => {
  let bmcs: TwoBmcs;
  let browser: Browser;
  let url: string;
  const opened: TestPage[] = [];

  before(async () => {
    const port = await freeTcpPort();
    bmcs = await startTwoBmcs({ configuration: `[web]\nlisten = ${port}\n[media]\nimage_loopback = true\n` });
    await bmcs.daemon.logged("the page is served");
    browser = await openBrowser();
    url = `https://127.0.0.1:${port}/`;
  });
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));
  after(async () => {
    await browser.close();
    await bmcs.close();
  });

  async function open(width?: number): Promise<Page> {
    const page = await openPage(browser, url, width);
    opened.push(page);
    return page.page;
  }

  async function logIn(page: Page, { userName, password } = account): Promise<void> {
    await page.getByLabel("User name").fill(userName);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Log in" }).click();
  }

  async function openFleet(width?: number): Promise<Page> {
    const page = await open(width);
    await logIn(page);
    await row(page, "lab-01").waitFor();
    return page;
  }

  async function openBmc(name: string, tab?: string): Promise<Page> {
    const page = await openFleet();
    await page.getByRole("link", { name }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
    if (tab !== undefined) {
      await page.getByRole("tab", { name: tab }).click();
    }
    return page;
  }

  const row = (page: Page, name: string) =>
    page.getByRole("table", { name: "Virtual BMCs" }).getByRole("row").filter({ hasText: name });

  const switchVm = async (name: "lab-01" | "lab-02", command: string): Promise<void> => {
    const port = name === "lab-01" ? "PORT" : "PORT2";
    const line = `ipmitool -I lanplus -H 127.0.0.1 -p ${port} -U admin -P password chassis power ${command}`;
    assert.equal((await bmcs.sh(line)).code, 0);
  };

  test("a wrong password is refused, the right one shows all BMCs, and logging out forgets it", async () => {
    const page = await open();
    await logIn(page, { ...account, password: "wrong" });
    await page.getByRole("alert").filter({ hasText: "wrong" }).waitFor();
    await logIn(page);
    await page.getByRole("heading", { level: 1, name: "Virtual BMCs" }).waitFor();
    await row(page, "lab-02").waitFor();
    assert.equal(await page.getByRole("table", { name: "Virtual BMCs" }).getByRole("row").count(), 3);
    await page.reload();
    await row(page, "lab-02").waitFor();
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByLabel("User name").waitFor();
    await page.reload();
    await page.getByLabel("User name").waitFor();
  });

  test("a machine is powered on from its page, and the table of another page shows it by itself", async () => {
    const watching = await openFleet();
    const page = await openBmc("lab-01");
    await page.getByRole("button", { name: "Power on" }).click();
    await page.getByRole("status").filter({ hasText: "Power on: lab-01: done" }).waitFor();
    assert.equal(bmcs.vm("lab-01").powerState, "poweredOn");
    await row(watching, "lab-01").getByText("On", { exact: true }).waitFor();
    await switchVm("lab-01", "off");
    await row(watching, "lab-01").getByText("Off", { exact: true }).waitFor();
  });

  test("many machines are switched at once, after a question that names them", async () => {
    const page = await openFleet();
    await page.getByLabel("Select lab-01").check();
    await page.getByLabel("Select lab-02").check();
    await page.getByRole("button", { name: "Power on" }).click();
    const dialog = page.getByRole("dialog");
    assert.match((await dialog.textContent()) ?? "", /Power on: 2 machines\?lab-01lab-02/);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    assert.equal(bmcs.vm("lab-01").powerState, "poweredOff");
    await page.getByRole("button", { name: "Power on" }).click();
    await dialog.getByRole("button", { name: "Power on" }).click();
    await page.getByRole("status").filter({ hasText: "done" }).waitFor();
    assert.deepEqual([bmcs.vm("lab-01").powerState, bmcs.vm("lab-02").powerState], ["poweredOn", "poweredOn"]);
  });

  test("the menu of a row works by keyboard alone, and a failure is an alert in the service's words", async () => {
    const page = await openFleet();
    await page.getByRole("button", { name: "Actions for lab-02" }).focus();
    await page.keyboard.press("Enter");
    await page.locator(":focus").filter({ hasText: "Power on" }).waitFor();
    await page.keyboard.press("ArrowDown");
    // lab-02 has no VMware Tools, which shut a guest down.
    assert.equal(await page.evaluate("document.activeElement.textContent"), "Shut down");
    await page.keyboard.press("Enter");
    await page
      .getByRole("alert")
      .filter({ hasText: /Shut down: lab-02: .*Tools/ })
      .waitFor();
    assert.equal(bmcs.vm("lab-02").powerState, "poweredOn");
  });

  test("the filter narrows the table, and a heading sorts it", async () => {
    const page = await openFleet();
    await page.getByLabel("Filter").fill("lab-02");
    await row(page, "lab-01").waitFor({ state: "detached" });
    assert.equal(await row(page, "lab-02").count(), 1);
    await page.getByLabel("Filter").fill("");
    await page.getByRole("button", { name: "Name" }).click();
    const names = page.getByRole("table", { name: "Virtual BMCs" }).getByRole("rowheader");
    assert.deepEqual(await names.allTextContents(), ["lab-02", "lab-01"]);
  });

  test("the boot device is set for the next start only", async () => {
    const page = await openBmc("lab-01", "Boot");
    await page.getByRole("combobox", { name: "Boot from" }).selectOption("Pxe");
    assert.ok(await page.getByLabel("Once").isChecked());
    await page.getByRole("button", { name: "Set boot device" }).click();
    await page.getByText("boots from Network (PXE) with its next start").waitFor();
    const shown = await bmcs.sh(
      "ipmitool -I lanplus -H 127.0.0.1 -p PORT -U admin -P password chassis bootparam get 5",
    );
    assert.match(shown.stdout, /Force PXE/);
  });

  test("sensors, event log, media and console show what there is", async () => {
    const page = await openBmc("lab-01", "Sensors");
    await page.getByRole("row").filter({ hasText: "CPU Usage" }).filter({ hasText: "%" }).waitFor();
    await page.getByRole("tab", { name: "Event log" }).click();
    await page.getByRole("row").filter({ hasText: "Power Unit" }).first().waitFor();
    await page.getByRole("tab", { name: "Media" }).click();
    await page.getByRole("button", { name: "Insert" }).waitFor();
    await page.getByRole("tab", { name: "Console" }).click();
    await page.getByRole("tabpanel").waitFor();
  });

  test("a picture of the machine's screen is shown on demand", async () => {
    const page = await openBmc("lab-01");
    await page.getByRole("button", { name: "Show the screen" }).click();
    const picture = page.getByRole("img", { name: "Screen of lab-01" });
    await picture.waitFor();
    assert.equal(await picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth), 320);
  });

  test("the console shows what the machine writes, takes what is typed, and says who types", async () => {
    const port = await freeTcpPort();
    const configFile = path.join(bmcs.daemon.home, ".vbmc/lab-01/config");
    writeFileSync(configFile, `${readFileSync(configFile, "utf8")}console = tcp-listen://127.0.0.1:${port}\n`);
    const machine = await connectSerialPort(port);
    machine.write("login: ");
    const page = await openBmc("lab-01", "Console");
    await page.getByRole("status").filter({ hasText: "The serial port is connected. You type." }).waitFor();
    await page.locator(".xterm-rows").filter({ hasText: "login:" }).waitFor();
    await page.keyboard.type("root");
    await page.keyboard.press("Enter");
    await patiently(machine.received("root\r"), () => `the machine has received: ${machine.text()}`);
    machine.write("\r\nWelcome\r\n# ");
    await page.locator(".xterm-rows").filter({ hasText: "Welcome" }).waitFor();
    const other = await openBmc("lab-01", "Console");
    await other.locator(".xterm-rows").filter({ hasText: "Welcome" }).waitFor();
    await other.getByRole("status").filter({ hasText: "admin from 127.0.0.1 types; you watch." }).waitFor();
    await other.getByRole("button", { name: "Type here" }).click();
    await page.getByRole("status").filter({ hasText: "types; you watch." }).waitFor();
    const table = await openFleet();
    await row(table, "lab-01").getByText("connected", { exact: true }).waitFor();
    machine.close();
    await row(table, "lab-01").getByText("disconnected", { exact: true }).waitFor();
  });

  test("an image is inserted by its URL and ejected, or sent from this computer, and booted once", async () => {
    const served = await startImageServer();
    served.images.set("/rescue.iso", isoImage("FROM URL"));
    const page = await openBmc("lab-02", "Media");
    await page.getByLabel("Image URL").fill(`${served.url}/rescue.iso`);
    await page.getByRole("button", { name: "Insert" }).click();
    await page.getByText("Holds").filter({ hasText: "rescue.iso" }).waitFor();
    await page.getByRole("button", { name: "Eject" }).click();
    await page.getByText("Empty").waitFor();
    await served.close();
    const image = isoImage("FROM PAGE", 8 * 1_024 * 1_024);
    await page.getByLabel("or a file of this computer").setInputFiles({
      name: "sent.iso",
      mimeType: "application/octet-stream",
      buffer: image,
    });
    await page.getByLabel("Boot from it once").check();
    await page.getByRole("button", { name: "Insert" }).click();
    await page.getByRole("status").filter({ hasText: "Insert into Cd of lab-02: done" }).waitFor();
    await page.getByText("Holds").filter({ hasText: "sent.iso" }).waitFor();
    const shown = await bmcs.sh(
      "ipmitool -I lanplus -H 127.0.0.1 -p PORT2 -U admin -P password chassis bootparam get 5",
    );
    assert.match(shown.stdout, /Force Boot from CD/);
    await page.getByLabel("or a file of this computer").setInputFiles({
      name: "no.iso",
      mimeType: "application/octet-stream",
      buffer: Buffer.from("this is no image"),
    });
    await page.getByRole("button", { name: "Eject" }).click();
    await page.getByText("Empty").waitFor();
    await page.getByRole("button", { name: "Insert" }).click();
    await page.getByRole("alert").filter({ hasText: "Insert into Cd of lab-02" }).waitFor();
  });

  test("no view violates what axe-core checks, in light and dark, and at 360 pixels nothing is cut off", async () => {
    for (const width of [1280, 360]) {
      const login = await open(width);
      await assertAccessible(login, `login at ${width}`);
      const page = await openFleet(width);
      for (const scheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme: scheme });
        await assertAccessible(page, `fleet at ${width}, ${scheme}`);
      }
      await page.getByRole("link", { name: "lab-01" }).click();
      for (const tab of ["Overview", "Sensors", "Event log", "Boot", "Media", "Console"]) {
        await page.getByRole("tab", { name: tab }).click();
        await page.getByText("Loading …").waitFor({ state: "detached" });
        await assertAccessible(page, `${tab} at ${width}`);
        const overflow = Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth"));
        assert.ok(overflow <= 0, `${tab} at ${width} is ${overflow} pixels too wide`);
      }
    }
  });

  test("nothing is loaded from elsewhere, and no script or style was refused", () => {
    assert.deepEqual(
      opened.flatMap(({ foreign }) => foreign),
      [],
    );
    assert.deepEqual(
      opened.flatMap(({ faults }) => faults),
      [],
    );
  });
});

interface SerialPort {
  readonly write: (text: string) => void;
  readonly text: () => string;
  readonly received: (text: string) => Promise<void>;
  readonly close: () => void;
}

/** As the machine's serial port connects in the direct mode; tried until the daemon listens. */
async function connectSerialPort(port: number): Promise<SerialPort> {
  let text = "";
  const checks = new Set<() => void>();
  const socket = await until(
    "a server that listens for the serial port",
    () =>
      new Promise<Socket | undefined>((resolve) => {
        const attempt = connect(port, "127.0.0.1", () => resolve(attempt));
        attempt.once("error", () => resolve(undefined));
      }),
  );
  socket
    .on("error", () => undefined)
    .on("data", (chunk) => {
      text += chunk.toString("latin1");
      checks.forEach((check) => check());
    });
  return {
    write: (output) => void socket.write(output),
    text: () => text,
    received: (wanted) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (text.includes(wanted)) {
            resolve();
          }
        };
        checks.add(check);
        check();
      }),
    close: () => socket.destroy(),
  };
}

async function assertAccessible(page: Page, view: string): Promise<void> {
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as {
      axe: { run: (options: object) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations: found } = await checker.run({ runOnly: { type: "tag", values: tags } });
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
  assert.deepEqual(violations, [], view);
}

describe("a thousand BMCs", { skip }, () => {
  test("all of them are in the table, which is filtered and sorted", async () => {
    const port = await freeTcpPort();
    const daemon = await startDaemon(`[web]\nlisten = ${port}\n`);
    const browser = await openBrowser();
    try {
      const names = Array.from({ length: 1_000 }, (_, index) => `node-${index + 1}`);
      const list = path.join(daemon.home, "bmcs.json");
      writeFileSync(list, JSON.stringify(names.map((name, index) => ({ "VM name": name, Port: 20_000 + index }))));
      assert.equal((await daemon.vbmc("import", list)).code, 0);
      const password = path.join(daemon.home, "password");
      writeFileSync(password, "correct horse\n");
      assert.equal((await daemon.vbmc("account", "add", "ops", "--password-file", password)).code, 0);
      const { page } = await openPage(browser, `https://127.0.0.1:${port}/`);
      await page.getByLabel("User name").fill("ops");
      await page.getByLabel("Password").fill("correct horse");
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByText("1000 of 1000").waitFor();
      const headers = page.getByRole("table", { name: "Virtual BMCs" }).getByRole("rowheader");
      assert.equal(await headers.count(), 1_000);
      assert.equal(await headers.nth(1).textContent(), "node-2");
      await page.getByRole("button", { name: "Name" }).click();
      assert.equal(await headers.first().textContent(), "node-1000");
      await page.getByLabel("Filter").fill("node-777");
      await page.getByText("1 of 1000").waitFor();
    } finally {
      await browser.close();
      await daemon.close();
    }
  });
});

describe("a daemon that goes and comes", { skip }, () => {
  test("the page says that the connection is lost, and goes on by itself when the daemon is back", async () => {
    const port = await freeTcpPort();
    const bmcs = await startTwoBmcs({ configuration: `[web]\nlisten = ${port}\n` });
    const browser = await openBrowser();
    try {
      await bmcs.daemon.logged("the page is served");
      const { page } = await openPage(browser, `https://127.0.0.1:${port}/`);
      await page.getByLabel("User name").fill(account.userName);
      await page.getByLabel("Password").fill(account.password);
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByRole("link", { name: "lab-01" }).waitFor();
      const [, pid] = /"pid":(\d+)[^\n]*the page is served/.exec(bmcs.daemon.log()) ?? [];
      process.kill(Number(pid), "SIGKILL");
      await page.getByRole("alert").filter({ hasText: "connection" }).waitFor();
      await patiently(bmcs.daemon.logged(/the page is served[^]*the page is served/), () => bmcs.daemon.log());
      // Sessions are in memory: after a restart the page asks for a login again.
      await page.getByLabel("User name").waitFor();
    } finally {
      await browser.close();
      await bmcs.close();
    }
  });
});

/** Debian's Chromium by Playwright: a browser for a test file, and pages that tell what went wrong in them. */
import { existsSync } from "node:fs";

import { type Browser, chromium, type Page } from "playwright-core";

const executable = "/usr/bin/chromium";

export function hasChromium(): boolean {
  return existsSync(executable);
}

export function openBrowser(): Promise<Browser> {
  // No sandbox, since tests run as root in containers; no shared memory, which is small there.
  return chromium.launch({ executablePath: executable, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

export interface TestPage {
  readonly page: Page;
  /** Errors of scripts, and what the Content-Security-Policy has refused. */
  readonly faults: readonly string[];
  /** Requests to other origins. */
  readonly foreign: readonly string[];
}

export async function openPage(browser: Browser, url: string, width = 1280, height = 800): Promise<TestPage> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width, height } });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults: string[] = [];
  const foreign: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of (401|404|409|400|503)/.test(message.text())) {
      faults.push(message.text());
    }
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin && !/^(blob|data):/.test(request.url())) {
      foreign.push(request.url());
    }
  });
  await page.goto(url);
  return { page, faults, foreign };
}

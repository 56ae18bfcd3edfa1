/** A picture of what a program printed on a terminal: drawn by xterm in a browser, as wide as README is shown. */
import { readFileSync } from "node:fs";

import type { Browser } from "playwright-core";

import { inRepository } from "./repository.js";

const columns = 96;
/** CSS pixels. */
const fontSize = 13;

interface PageTerminal {
  readonly open: (place: unknown) => void;
  readonly write: (text: string, done: () => void) => void;
}

/** `text` with its escape sequences and line ends of either kind; the window is as high as it is long. */
export async function pictureOfTerminal(browser: Browser, text: string, file: string): Promise<void> {
  const page = await browser.newPage({ deviceScaleFactor: 2, viewport: { width: 1000, height: 1000 } });
  const lines = text.trim().split(/\r?\n/);
  const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(withoutEscapes(line).length / columns)), 0);
  await page.setContent(
    `<style>body { margin: 0 } #window { display: inline-block; padding: 14px 16px; background: #12171f }</style>` +
      `<div id="window"><div id="terminal"></div></div>`,
  );
  await page.addStyleTag({ path: inRepository("node_modules/@xterm/xterm/css/xterm.css") });
  await page.addScriptTag({ content: readFileSync(inRepository("node_modules/@xterm/xterm/lib/xterm.js"), "utf8") });
  const options = {
    ...{ cols: columns, rows, fontSize, lineHeight: 1.15, fontFamily: "DejaVu Sans Mono, monospace" },
    ...{ cursorInactiveStyle: "none", theme: { background: "#12171f", foreground: "#dce3ec", cyan: "#7fb2ff" } },
  };
  await page.evaluate(
    ([settings, shown]) =>
      new Promise<void>((resolve) => {
        const { Terminal, document } = globalThis as unknown as {
          readonly Terminal: new (settings: object) => PageTerminal;
          readonly document: { readonly getElementById: (id: string) => unknown };
        };
        const terminal = new Terminal(settings);
        terminal.open(document.getElementById("terminal"));
        terminal.write(shown, resolve);
      }),
    [options, lines.join("\r\n")] as const,
  );
  await page.locator(".xterm-rows > div").last().waitFor();
  await page.locator("#window").screenshot({ path: file, animations: "disabled" });
  await page.close();
}

function withoutEscapes(text: string): string {
  return text.replace(/\u001b\[[\d;?]*[A-Za-z]/g, "");
}

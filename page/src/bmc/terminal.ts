/** xterm in an element: what the machine writes, and the keys that are typed. */
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";

export interface TerminalView {
  readonly write: (bytes: Uint8Array) => void;
  /** A line of the page's own. */
  readonly note: (text: string) => void;
  readonly clear: () => void;
  readonly close: () => void;
}

const scrollback = 5_000;

export function createTerminal(place: HTMLElement, onTyped: (bytes: Uint8Array<ArrayBuffer>) => void): TerminalView {
  const terminal = new Terminal({ scrollback, convertEol: false, screenReaderMode: true, fontSize: 14 });
  const fit = new FitAddon();
  const encoder = new TextEncoder();
  terminal.loadAddon(fit);
  withNonce(() => terminal.open(place));
  fit.fit();
  terminal.onData((text) => onTyped(encoder.encode(text)));
  terminal.onBinary((text) => onTyped(Uint8Array.from(text, (character) => character.charCodeAt(0))));
  const observer = new ResizeObserver(() => fit.fit());
  observer.observe(place);
  terminal.focus();
  return {
    write: (bytes) => terminal.write(bytes),
    note: (text) => terminal.write(`\r\n[${text}]\r\n`),
    clear: () => terminal.reset(),
    close: () => {
      observer.disconnect();
      terminal.dispose();
    },
  };
}

/** xterm makes style elements, which the Content-Security-Policy allows with the nonce of this page only. */
function withNonce(open: () => void): void {
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
  const factory = document as { createElement: (name: string) => HTMLElement };
  const create = factory.createElement;
  factory.createElement = (name) => {
    const element = create.call(document, name);
    if (name === "style") {
      element.nonce = nonce;
    }
    return element;
  };
  try {
    open();
  } finally {
    factory.createElement = create;
  }
}

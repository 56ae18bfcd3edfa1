/**
 * What a test file has opened and not closed, as when a hook failed between two of them: a program or server that goes on
 * would keep the file from ending.
 */
import { after } from "node:test";

/** How long the file's own hooks may take, ms. */
const patienceMs = 60_000;

const open = new Set<() => Promise<void>>();

/** `close`, which runs once: when it is called, or some time after the last test of a file that does not end. */
export function closedAtTheEnd(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  const once = (): Promise<void> => {
    open.delete(once);
    return (closing ??= close());
  };
  open.add(once);
  return once;
}

// Benchmarks use the same programs and servers, and no test runner.
if (process.env["NODE_TEST_CONTEXT"] !== undefined) {
  after(() => {
    setTimeout(() => void endAll(), patienceMs).unref();
  });
}

async function endAll(): Promise<void> {
  process.stderr.write(`${process.argv[1] ?? ""} has left something open\n`);
  await Promise.allSettled([...open].map((close) => close()));
  process.exit(1);
}

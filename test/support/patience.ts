/** A bound for what a test waits for, so that a failure says what did not come, and the files behind it are run. */

/** Longer than anything takes on a busy machine, ms. */
const patienceMs = 120_000;

/** What `promise` gives, or after two minutes an error with `what`, which tells what has come instead. */
export async function patiently<T>(promise: Promise<T>, what: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${patienceMs / 1_000} s: ${what()}`)), patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

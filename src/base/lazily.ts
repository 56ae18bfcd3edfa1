/** What a process with hundreds of VMs makes for one only when it is asked for: most of it never is. */

/** `make` is called once, with the first call; every call returns what it has made. */
export function lazily<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

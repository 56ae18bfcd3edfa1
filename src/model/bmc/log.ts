/** One event of the BMC's own; `fields` never hold a password or key. */
export type BmcLog = (
  level: "debug" | "info" | "warn" | "error",
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

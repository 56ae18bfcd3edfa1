/** `~.` and the like, at the beginning of a line, as ssh and ipmitool have them. */

export type TypedAction =
  { readonly type: "data"; readonly bytes: Buffer } | { readonly type: "quit" | "help" | "break" | "take" | "release" };

export const helpText = [
  "~.  ends this session (the VM goes on)",
  "~?  shows this",
  "~B  sends a break",
  "~t  takes the console over from the current writer",
  "~r  only watches from now on",
  "~~  types a ~",
];

const commands: ReadonlyMap<number, Exclude<TypedAction["type"], "data">> = new Map(
  Object.entries({ ".": "quit", "?": "help", B: "break", t: "take", r: "release" } as const).map(([key, type]) => [
    key.charCodeAt(0),
    type,
  ]),
);

const tilde = 0x7e;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

/** Keeps a `~` back until it is clear what it means. */
export function createEscapes(): (typed: Buffer) => TypedAction[] {
  let state: "lineStart" | "tilde" | "inLine" = "lineStart";

  return (typed) => {
    const actions: TypedAction[] = [];
    let data: number[] = [];
    const flush = (): void => {
      if (data.length > 0) {
        actions.push({ type: "data", bytes: Buffer.from(data) });
        data = [];
      }
    };
    for (const byte of typed) {
      const command = state === "tilde" ? commands.get(byte) : undefined;
      if (command !== undefined) {
        flush();
        actions.push({ type: command });
        state = "lineStart";
      } else if (state === "lineStart" && byte === tilde) {
        state = "tilde";
      } else {
        if (state === "tilde" && byte !== tilde) {
          data.push(tilde);
        }
        data.push(byte);
        state = byte === carriageReturn || byte === lineFeed ? "lineStart" : "inLine";
      }
    }
    flush();
    return actions;
  };
}

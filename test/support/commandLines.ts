/** The command lines of `vbmc` and `vbmcd` that a Markdown page shows, in blocks and in the text. */
import { parseArgsStringToArgv } from "string-argv";

export interface ShownCommand {
  /** As it is shown, for messages. */
  readonly text: string;
  readonly program: "vbmc" | "vbmcd";
  readonly words: readonly string[];
  /** In the text, where arguments may be left out. */
  readonly isMention: boolean;
}

const block = /^( *)```(\w*)\n(.*?)^\1```$/gms;

export function shownCommands(page: string): ShownCommand[] {
  const inBlocks = [...page.matchAll(block)].flatMap(([, , language = "", text = ""]) => linesOf(text, language));
  const inText = [...page.replace(block, "").matchAll(/`([^`]+)`/g)].map(([, code = ""]) =>
    code.replace(/\s+/g, " ").replace(/(\S)\|(\S+)/g, "$1"),
  );
  return [...inBlocks.flatMap((line) => commandsOf(line, false)), ...inText.flatMap((code) => commandsOf(code, true))];
}

/** Those that a person types: in a console the others are what is printed, and arrows are a drawing. */
function linesOf(text: string, language: string): string[] {
  const lines = text.replace(/\\\n/g, " ").split("\n");
  return lines
    .filter((line) => (language === "console" ? /^ *\$ /.test(line) : !line.includes("──")))
    .map((line) => line.replace(/^ *\$ /, "").replace(/(^|\s)#.*/, ""));
}

/** A line may hold several, in a pipe or in a substitution. */
function commandsOf(line: string, isMention: boolean): ShownCommand[] {
  return line.split(/ \| |;|&&| > | >> |<\(|\)|&/).flatMap((part): ShownCommand[] => {
    const text = part.trim().replace(/^(sudo -u \S+ -H|exec) /, "");
    const [, name = ""] = /^vs?(bmcd?)(?: |$)/.exec(text) ?? [];
    if (name === "") {
      return [];
    }
    const words = parseArgsStringToArgv(text.replace(/[[\]]/g, "")).slice(1);
    return [{ text, program: name === "bmcd" ? "vbmcd" : "vbmc", words, isMention }];
  });
}

/**
 * Python's configparser dialect on top of the package `ini`.
 * `ini` unquotes, converts `true` and `null`, takes `;` and `#` inside a line for comments, `key[]` for arrays, dots for
 * nesting and drops `__proto__`; configparser does none of that and adds `:`, continuation lines and `%` interpolation.
 * So names and values are passed to `ini` as opaque tokens; it only handles sections, keys and lines.
 */

/** One line with the problem; the caller adds the file's name. */
export class IniError extends Error {
  override readonly name = "IniError";
}

/** Letters that `ini` never interprets: `~6869~` is `hi`. */
export function toToken(text: string): string {
  return `~${Buffer.from(text, "utf8").toString("hex")}~`;
}

export function fromToken(token: string): string {
  return Buffer.from(token.slice(1, -1), "hex").toString("utf8");
}

/** Replaces every token in a text by its original. */
export function fromTokens(text: string): string {
  return text.replace(/~[0-9a-f]*~/g, fromToken);
}

/** What str.strip() of Python removes. */
const blank = "[^\\S\\ufeff]|[\\x1c-\\x1f\\x85]";
const leading = new RegExp(`^(?:${blank})+`);
const trailing = new RegExp(`(?:${blank})+$`);

export function strip(text: string): string {
  return text.replace(leading, "").replace(trailing, "");
}

interface Option {
  readonly key: string;
  readonly lines: string[];
}

/** Translates configparser text to text that `ini` reads the same way. */
export function toPlainIni(text: string): string {
  const sections = new Map<string, Map<string, Option>>();
  let section: Map<string, Option> | undefined;
  let option: Option | undefined;
  let indent = Infinity;

  for (const [index, line] of text
    .replace(/^\ufeff/, "")
    .split(/\r\n|\r|\n/)
    .entries()) {
    const content = strip(line);
    const comment = /^[#;]/.test(content);
    if (content === "" || comment) {
      if (!comment) {
        option?.lines.push("");
      }
      continue;
    }
    const depth = line.length - line.replace(leading, "").length;
    if (option !== undefined && depth > indent) {
      option.lines.push(content);
      continue;
    }
    indent = depth;
    const where = `line ${index + 1}`;
    const header = /^\[(.+)\]/s.exec(content)?.[1];
    if (header !== undefined) {
      if (sections.has(header) && header !== "DEFAULT") {
        throw new IniError(`${where}: section [${header}] appears twice`);
      }
      section = sections.get(header) ?? new Map<string, Option>();
      sections.set(header, section);
      option = undefined;
      continue;
    }
    if (section === undefined) {
      throw new IniError(`${where}: text before the first [section]`);
    }
    option = readOption(content, where);
    if (section.has(option.key)) {
      throw new IniError(`${where}: key ${option.key} appears twice`);
    }
    section.set(option.key, option);
  }
  return [...sections]
    .map(([name, options]) => `[${toToken(name)}]\n${[...options.values()].map(toLine).join("")}`)
    .join("");
}

function readOption(content: string, where: string): Option {
  const match = /^(.*?)[=:](.*)$/s.exec(content);
  const key = strip(match?.[1] ?? "").toLowerCase();
  if (match === null || key === "") {
    throw new IniError(`${where}: not a "key = value" line`);
  }
  return { key, lines: [strip(match[2] ?? "")] };
}

function toLine({ key, lines }: Option): string {
  return `${toToken(key)}=${toToken(lines.join("\n").replace(trailing, ""))}\n`;
}

/** Manual pages in the man(7) macros of roff, from texts and from Markdown. */

/** What a manual page is called and where it belongs. */
export interface ManualPage {
  readonly name: string;
  readonly section: 1 | 5 | 8;
  /** Behind the dash of NAME; `apropos` finds it. */
  readonly purpose: string;
  readonly body: string;
}

/** @param release such as `vbmc4vsphere 0.1.0`, at the foot of the page in place of a date: a build changes nothing */
export function toRoff({ name, section, purpose, body }: ManualPage, release: string): string {
  const [title = name] = name.split(", ");
  return [
    '.\\" Made by `npm run docs`: do not edit.',
    `.TH ${quoted(title.toUpperCase())} ${section} "" ${quoted(release)} "Virtual BMCs for vSphere"`,
    ".SH NAME",
    `${escaped(name)} \\- ${escaped(purpose)}`,
    body.trimEnd(),
    "",
  ].join("\n");
}

/** A page of another name that shows this one. */
export function toAlias({ name, section }: Pick<ManualPage, "name" | "section">): string {
  return `.so man${section}/${name}.${section}\n`;
}

const glyphs: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  "'": "\\(aq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
};

/** Text that roff takes for nothing but text. */
export function escaped(text: string): string {
  const escapes = text.replace(
    /[\\\-'`^~]|[^\x20-\x7e\n]/gu,
    (character) =>
      glyphs[character] ?? `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
  );
  return escapes.replace(/^\./gm, "\\&.");
}

function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', "\\(dq")}"`;
}

export function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`;
}

/** In capitals, as is the custom, but for names of files. */
export function heading(text: string): string {
  return `.SH ${quoted(/[./]/.test(text) ? text : text.toUpperCase())}\n`;
}

export function subheading(text: string): string {
  return `.SS ${quoted(text)}\n`;
}

/** @param text roff */
export function paragraph(text: string): string {
  return `.PP\n${text}\n`;
}

/** @param tag roff, on a line of its own; `text` is roff, indented */
export function tagged(tag: string, text: string): string {
  return `.TP\n${tag}\n${text}\n`;
}

/** Lines as they are. */
export function example(lines: string): string {
  return `.PP\n.in +4n\n.EX\n${escaped(lines.trimEnd())}\n.EE\n.in\n`;
}

/** `code` becomes bold, **strong** bold, and of a link its text stays. */
export function inline(markdown: string): string {
  return markdown
    .split(/(`[^`]+`|\*\*.+?\*\*)/)
    .map((part, index) =>
      index % 2 === 1
        ? bold(part.replace(/^(`|\*\*)(.*)\1$/, "$2"))
        : escaped(part.replace(/\[([^\]]+)\]\([^)]+\)/g, "$1")),
    )
    .join("");
}

/** Headings, paragraphs, lists, fenced blocks and tables; the first column of a table is what it tells of. */
export function fromMarkdown(markdown: string): string {
  const blocks = markdown.trim().split(/\n{2,}(?=\S)/);
  return blocks.map((block) => fromBlock(block)).join("");
}

function fromBlock(block: string): string {
  const [first = ""] = block.split("\n");
  const [, level = "", title = ""] = /^(#+) (.*)$/.exec(first) ?? [];
  if (level !== "") {
    return level.length <= 2 ? heading(inlineText(title)) : subheading(inlineText(title));
  }
  if (first.startsWith("<!--")) {
    return "";
  }
  if (first.startsWith("```")) {
    return example(block.split("\n").slice(1, -1).join("\n"));
  }
  if (first.startsWith("|")) {
    return fromTable(block.split("\n"));
  }
  if (/^(-|\d+\.) /.test(first)) {
    return block
      .split(/\n(?=-|\d+\.)/)
      .map(fromItem)
      .join("");
  }
  return paragraph(inline(block));
}

/** Without what marks code, for headings. */
function inlineText(markdown: string): string {
  return markdown.replaceAll("`", "");
}

function fromItem(item: string): string {
  const [, mark = "", text = ""] = /^(-|\d+\.) (.*)$/s.exec(item) ?? [];
  return `.IP ${mark === "-" ? "\\(bu" : escaped(mark)} 4\n${inline(text.replace(/\n +/g, "\n"))}\n`;
}

function fromTable([header = "", , ...rows]: readonly string[]): string {
  const titles = cellsOf(header);
  return rows
    .map(cellsOf)
    .map(([tag = "", ...others]) => {
      const text = others.at(-1) ?? "";
      const notes = others.slice(0, -1).map((cell, index) => ` (${escaped(titles[index + 1] ?? "")}: ${inline(cell)})`);
      return tagged(`${inline(tag)}${notes.join("")}`, inline(text));
    })
    .join("");
}

function cellsOf(row: string): string[] {
  return row
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

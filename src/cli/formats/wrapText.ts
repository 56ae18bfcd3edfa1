/** Wraps text like Python's textwrap: at blanks, then hyphens, then anywhere. */

/** @param width characters, 1 at least */
export function wrapText(text: string, width: number): string[] {
  // Break at hyphens in words only, not between the digits of a UUID.
  const chunks = text.split(/(\s+)|(?<=[\p{L}_]{2}-|[\p{L}_]-[\p{L}_]-)(?=[\p{L}_]-?[\p{L}_])/u).filter(Boolean);
  const lines: string[] = [];
  while (chunks.length > 0) {
    if (lines.length > 0 && isBlank(chunks[0])) {
      chunks.shift();
    }
    const line = takeLine(chunks, width);
    if (isBlank(line.at(-1))) {
      line.pop();
    }
    if (line.length > 0) {
      lines.push(line.join(""));
    }
  }
  return lines;
}

/** Takes the chunks that fit; splits a word that is too long for any line. */
function takeLine(chunks: string[], width: number): string[] {
  const line: string[] = [];
  let room = width;
  for (let next = chunks[0]; next !== undefined && lengthOf(next) <= room; next = chunks[0]) {
    line.push(next);
    room -= lengthOf(next);
    chunks.shift();
  }
  const [word] = chunks;
  if (word !== undefined && lengthOf(word) > width) {
    const characters = Array.from(word);
    const hyphen = characters.slice(0, room).lastIndexOf("-");
    const end = hyphen > 0 && characters.slice(0, hyphen).some((character) => character !== "-") ? hyphen + 1 : room;
    line.push(characters.slice(0, end).join(""));
    chunks[0] = characters.slice(end).join("");
  }
  return line;
}

function isBlank(chunk: string | undefined): boolean {
  return chunk?.trim() === "";
}

function lengthOf(chunk: string): number {
  return Array.from(chunk).length;
}

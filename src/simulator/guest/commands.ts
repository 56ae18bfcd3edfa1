/** The few commands of the guest's shell. */
import { distribution, kernelVersion } from "./bootText.js";

export interface CommandContext {
  readonly hostName: string;
  readonly user: string;
  /** Since the kernel started, s. */
  readonly uptime: () => number;
  /** What the kernel has written. */
  readonly messages: () => readonly string[];
  readonly now: () => Date;
}

/** What a command does: text at once, a stream of bytes until it ends or ^C comes, or something with the whole guest. */
export type CommandResult =
  | { readonly kind: "text"; readonly lines: readonly string[] }
  | { readonly kind: "stream"; readonly next: () => Buffer | undefined; readonly trailer?: readonly string[] }
  /** What is typed comes back, line by line, until ^D or ^C. */
  | { readonly kind: "repeat" }
  | { readonly kind: "guest"; readonly action: "crash" | "logout" | "off" | "restart" };

type Command = (args: readonly string[], context: CommandContext) => CommandResult;

const text = (...lines: readonly string[]): CommandResult => ({ kind: "text", lines });

const files: Readonly<Record<string, (context: CommandContext) => readonly string[]>> = {
  "/etc/hostname": ({ hostName }) => [hostName],
  "/etc/os-release": () => [`PRETTY_NAME="${distribution}"`, 'ID="debian"', 'VERSION_ID="12"'],
  "/etc/motd": () => ["A simulated guest: help lists what it knows."],
  "/proc/cmdline": () => ["BOOT_IMAGE=/vmlinuz console=tty0 console=ttyS0,115200n8"],
  "/proc/uptime": ({ uptime }) => [`${uptime().toFixed(2)} ${uptime().toFixed(2)}`],
  "/proc/version": () => [`Linux version ${kernelVersion} (simulated)`],
};

const commands: Readonly<Record<string, { readonly help: string; readonly run: Command }>> = {
  help: {
    help: "this list",
    run: () => text(...Object.entries(commands).map(([name, { help }]) => `  ${name.padEnd(10)}${help}`)),
  },
  cat: { help: "[FILE]: a file, or what is typed until ^D", run: cat },
  date: { help: "the time", run: (_args, { now }) => text(now().toUTCString()) },
  dd: { help: "if=/dev/zero|/dev/urandom bs=BYTES count=N: floods the console with bytes", run: dd },
  dmesg: { help: "what the kernel has written", run: (_args, { messages }) => text(...messages()) },
  echo: { help: "TEXT; echo c > /proc/sysrq-trigger crashes the kernel", run: echo },
  exit: { help: "logs out", run: () => ({ kind: "guest", action: "logout" }) },
  hostname: { help: "the guest's name", run: (_args, { hostName }) => text(hostName) },
  id: { help: "who is logged in", run: (_args, { user }) => text(`uid=0(${user}) gid=0(${user}) groups=0(${user})`) },
  ls: { help: "the files that cat shows", run: () => text(...Object.keys(files)) },
  poweroff: { help: "switches the VM off", run: () => ({ kind: "guest", action: "off" }) },
  reboot: { help: "restarts the VM", run: () => ({ kind: "guest", action: "restart" }) },
  seq: { help: "FIRST LAST: numbers, one a line", run: seq },
  uname: { help: "[-a]: the kernel", run: (args, { hostName }) => text(uname(args, hostName)) },
  uptime: { help: "how long the guest runs", run: (_args, { uptime }) => text(`up ${Math.floor(uptime())} seconds`) },
  yes: { help: "[TEXT]: floods the console with lines until ^C", run: yes },
};

export function runCommand(line: string, context: CommandContext): CommandResult {
  const [name = "", ...args] = line.trim().split(/\s+/);
  if (name === "") {
    return text();
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  return command ? command.run(args, context) : text(`-bash: ${name}: command not found (help lists what there is)`);
}

function uname(args: readonly string[], hostName: string): string {
  return args.includes("-a")
    ? `Linux ${hostName} ${kernelVersion} #1 SMP PREEMPT_DYNAMIC (simulated) x86_64 GNU/Linux`
    : args.includes("-r")
      ? kernelVersion
      : "Linux";
}

function cat(args: readonly string[], context: CommandContext): CommandResult {
  if (args.length === 0) {
    return { kind: "repeat" };
  }
  return text(...args.flatMap((name) => files[name]?.(context) ?? [`cat: ${name}: No such file or directory`]));
}

function echo(args: readonly string[]): CommandResult {
  const at = args.indexOf(">");
  if (at >= 0 && args[at + 1] === "/proc/sysrq-trigger") {
    const actions = { c: "crash", b: "restart", o: "off" } as const;
    const action = actions[args[0] as keyof typeof actions] as "crash" | "off" | "restart" | undefined;
    return action ? { kind: "guest", action } : text();
  }
  return text(args.join(" "));
}

const linesAtOnce = 64;

function seq(args: readonly string[]): CommandResult {
  const [first = 1, last] = args.length > 1 ? args.map(Number) : [1, Number(args[0])];
  if (last === undefined || !Number.isSafeInteger(first) || !Number.isSafeInteger(last)) {
    return text("seq: give the first and the last number");
  }
  let at = first;
  return {
    kind: "stream",
    next: () => {
      const end = Math.min(at + linesAtOnce, last + 1);
      const lines = Array.from({ length: Math.max(end - at, 0) }, (_, index) => `${at + index}\r\n`);
      at = end;
      return lines.length === 0 ? undefined : Buffer.from(lines.join(""));
    },
  };
}

function yes(args: readonly string[]): CommandResult {
  const block = Buffer.from(`${args.join(" ") || "y"}\r\n`.repeat(linesAtOnce));
  return { kind: "stream", next: () => block };
}

function dd(args: readonly string[]): CommandResult {
  const value = (name: string): string | undefined =>
    args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
  const size = bytesOf(value("bs") ?? "512") * bytesOf(value("count") ?? "1");
  const source = value("if");
  if ((source !== "/dev/zero" && source !== "/dev/urandom") || !Number.isSafeInteger(size)) {
    return text("dd: give if=/dev/zero or if=/dev/urandom, bs=BYTES and count=N");
  }
  let left = size;
  const generate = source === "/dev/zero" ? (length: number) => Buffer.alloc(length) : pseudoRandomBytes();
  return {
    kind: "stream",
    next: () => {
      const length = Math.min(left, 4_096);
      left -= length;
      return length === 0 ? undefined : generate(length);
    },
    trailer: ["", `${size} bytes copied`],
  };
}

function bytesOf(word: string): number {
  const { number, unit = "" } = /^(?<number>\d+)(?<unit>[kM]?)$/.exec(word)?.groups ?? {};
  return number === undefined ? NaN : Number(number) * { "": 1, k: 1_024, M: 1_024 ** 2 }[unit as "" | "M" | "k"];
}

/** xorshift32 from 1: the same bytes each time, all values among them, so that a test can tell what is missing. */
export function pseudoRandomBytes(): (length: number) => Buffer {
  let state = 1;
  return (length) => {
    const bytes = Buffer.alloc(length);
    for (let at = 0; at < length; at++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      bytes[at] = state & 0xff;
    }
    return bytes;
  };
}

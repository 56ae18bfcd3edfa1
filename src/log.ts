import pino from "pino";
import pretty from "pino-pretty";

/** What the daemon's rooms log through; fields first, then the sentence. */
export type Log = pino.Logger;

export interface LogOptions {
  /** Absolute; undefined logs to stderr. */
  readonly logfile: string | undefined;
  readonly debug: boolean;
  /** `auto`: text on a terminal, JSON lines otherwise. */
  readonly format: "auto" | "text" | "json";
}

export interface OpenLog {
  readonly log: Log;
  /** Opens the log file anew, as after logrotate moved it away. */
  readonly reopen: () => void;
  /** Writes out what is still in memory; for the moment before the process ends. */
  readonly flush: () => void;
}

/** Fields that may hold a secret at any of the depths that are logged. */
const secretFields = [
  "password",
  "viserver_password",
  "viserverPassword",
  "kg",
  "kgHex",
  "secretKey",
  "cookie",
  "ticket",
];
const redactedPaths = secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);

/**
 * pino with our redaction. The text form is made in this process: a transport worker would double its memory.
 * @throws when the log file cannot be opened
 */
export function openLog({ logfile, debug, format }: LogOptions): OpenLog {
  const destination = pino.destination({
    ...(logfile === undefined ? { dest: 2 } : { dest: logfile, mkdir: true, mode: 0o600 }),
    sync: true,
  });
  // A full disk or a closed terminal must not end the daemon.
  destination.on("error", () => undefined);
  const isText = format === "text" || (format === "auto" && logfile === undefined && process.stderr.isTTY);
  const stream = isText
    ? pretty({
        destination,
        colorize: process.stderr.isTTY,
        ignore: "pid,hostname",
        translateTime: "SYS:standard",
        singleLine: true,
      })
    : destination;
  const log = pino(
    {
      level: debug ? "debug" : "info",
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths, censor: "***" },
    },
    stream,
  );
  return {
    log,
    reopen: () => {
      if (logfile !== undefined) destination.reopen();
    },
    flush: () => {
      destination.flushSync();
    },
  };
}

/** A text without these secrets, however they are quoted in it. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), escapeXml(secret)]);
  return forms.filter((form) => form !== "").reduce((masked, form) => masked.replaceAll(form, "***"), text);
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

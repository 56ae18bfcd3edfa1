/** The daemon's logger: pino, with secrets redacted. */
import pino from "pino";
import { prettyFactory } from "pino-pretty";

import { fileFault } from "../files/errno.js";
import { type LineSink, openLineSink } from "../files/lineSink.js";

/** The daemon's logger; fields come first, then the message. */
export type Log = pino.Logger;

export interface LogOptions {
  /** Absolute path; undefined logs to stderr. */
  readonly logfile: string | undefined;
  readonly debug: boolean;
  /** `auto`: text on a terminal, JSON lines otherwise. */
  readonly format: "auto" | "text" | "json";
}

export interface OpenLog {
  readonly log: Log;
  /** Reopens the log file, as after logrotate moved it away. Returns the reason of a failure, one line. */
  readonly reopen: () => string | undefined;
  /** Writes buffered lines; call it before the process ends. */
  readonly flush: () => void;
}

/** Fields that may hold a secret, at any logged depth. */
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
 * pino with our redaction. Text is formatted in this process: a transport worker would double its memory.
 * @throws Error with one line when the log file cannot be opened
 */
export function openLog({ logfile, debug, format }: LogOptions): OpenLog {
  const sink = openSink(logfile);
  const isText = format === "text" || (format === "auto" && logfile === undefined && process.stderr.isTTY);
  const toText = isText ? prettyFactory(textForm) : (line: string) => line;
  const write = (line: string): void => {
    sink.write(toText(line));
  };
  const log = pino(
    {
      level: debug ? "debug" : "info",
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths, censor: "***" },
    },
    {
      write: (line: string) => {
        write(line);
        const lost = sink.takeLost();
        if (lost > 0) {
          write(lossRecord(lost));
        }
      },
    },
  );
  return { log, reopen: sink.reopen, flush: sink.flush };
}

function openSink(logfile: string | undefined): LineSink {
  try {
    return openLineSink(logfile);
  } catch (error) {
    throw new Error(`${logfile ?? "stderr"} cannot be opened as the log file: ${fileFault(error)}`);
  }
}

const textForm = {
  colorize: process.stderr.isTTY,
  ignore: "pid,hostname",
  translateTime: "SYS:standard",
  singleLine: true,
} as const;

function lossRecord(lines: number): string {
  const record = { level: "warn", time: new Date().toISOString(), lines, msg: "log lines were lost" };
  return `${JSON.stringify(record)}\n`;
}

/** Masks these secrets in a text, in every quoted form. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), escapeXml(secret)]);
  return forms.filter((form) => form !== "").reduce((masked, form) => masked.replaceAll(form, "***"), text);
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

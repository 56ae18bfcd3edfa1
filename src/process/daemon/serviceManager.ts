import { spawn } from "node:child_process";

/** How long systemd may take to take the message, ms; it begins to wait for us by itself. */
const notifyBoundMs = 10_000;

/**
 * Tells a service manager that asks for it (Type=notify) that commands are answered now (sd_notify(3), READY=1). Node has
 * no datagram sockets of the file system's kind: systemd's own program sends it.
 * @returns why it could not be told, one line; undefined when it was, or when nobody asks
 */
export async function notifyReady(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  if ((environment["NOTIFY_SOCKET"] ?? "") === "") {
    return undefined;
  }
  return new Promise((resolve) => {
    const notify = spawn("systemd-notify", ["--ready", `--pid=${process.pid}`], {
      env: environment,
      stdio: "ignore",
      timeout: notifyBoundMs,
    });
    notify.once("error", (error) => {
      resolve(`systemd waits to be told that vbmcd is ready, and systemd-notify cannot be run: ${error.message}`);
    });
    notify.once("exit", (code) => {
      resolve(code === 0 ? undefined : `systemd waits to be told that vbmcd is ready, and systemd-notify failed`);
    });
  });
}

/** Notifies systemd that the daemon is ready. */
import { spawn } from "node:child_process";

/** Timeout for systemd to accept the message, ms; it then starts to count its own. */
const notifyTimeoutMs = 10_000;

/**
 * Notifies a service manager that requests it (Type=notify) that commands are answered now (sd_notify(3), READY=1).
 * Node does not support Unix datagram sockets, so systemd's own program sends the message.
 * @returns why it could not be notified, one line; undefined on success, or if nothing requests it
 */
export async function notifyReady(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  if ((environment["NOTIFY_SOCKET"] ?? "") === "") {
    return undefined;
  }
  return new Promise((resolve) => {
    const notify = spawn("systemd-notify", ["--ready", `--pid=${process.pid}`], {
      env: environment,
      stdio: "ignore",
      timeout: notifyTimeoutMs,
    });
    notify.once("error", (error) => {
      resolve(`systemd expects a notification that vbmcd is ready, but systemd-notify cannot be run: ${error.message}`);
    });
    notify.once("exit", (code) => {
      resolve(code === 0 ? undefined : `systemd expects a notification that vbmcd is ready, but systemd-notify failed`);
    });
  });
}

/** A serial port behind a concentrator: it dials, dials again when the connection is lost, and moves with the VM. */
import { randomBytes } from "node:crypto";

import type { SerialAddress } from "./address.js";
import { dial } from "./dial.js";
import type { Line, LineOptions } from "./line.js";
import { createProxyConnection, type ProxyConnection } from "./proxyConnection.js";
import { createRetry } from "./retry.js";

export function createProxyLine(
  options: LineOptions,
  address: SerialAddress,
  purpose: { readonly serviceUri: string; readonly direction: string },
): Line {
  const { identity, onData, onBreak, onStatus } = options;
  let current: ProxyConnection | undefined;
  let isClosed = false;
  /** The VM stands still while it changes hosts: what it has written last goes out at the new one. */
  let held: Buffer[] | undefined;
  const retry = createRetry(options.retryMs, () => void connect());

  async function open(peer?: { readonly sequence: Buffer; readonly secret: Buffer }): Promise<ProxyConnection> {
    if (!options.isAllowed("vSPC") && !options.isAllowed("remoteSerialPort")) {
      throw new Error("the firewall of the host is closed");
    }
    const connection: ProxyConnection = createProxyConnection({
      socket: await dial(address),
      identity,
      order: options.order(),
      ...purpose,
      ...(peer && { peer }),
      onData,
      onBreak,
      onDrain: () => (connection === current && !held ? options.onDrain() : undefined),
      onClose: () => (connection === current ? lost() : undefined),
    });
    await connection.established;
    return connection;
  }

  async function connect(): Promise<void> {
    try {
      const connection = await open();
      if (isClosed) {
        connection.destroy();
        return;
      }
      current = connection;
      onStatus("ok", true);
      options.onDrain();
    } catch {
      lost();
    }
  }

  function lost(): void {
    current = undefined;
    if (!isClosed) {
      onStatus("recoverableError", retry.later());
      options.onDrain();
    }
  }

  async function migrate(): Promise<void> {
    const source = current;
    if (!source) {
      return;
    }
    const sequence = randomBytes(4);
    const secret = await source.beginVmotion(sequence, options.vmotionTimeoutMs());
    let destination: ProxyConnection | undefined;
    held = [];
    try {
      destination = await open({ sequence, secret });
      if (current !== source) {
        throw new Error("the concentrator has closed the connection");
      }
      destination.completeVmotion(sequence);
      current = destination;
      source.end();
    } catch (error) {
      destination?.destroy();
      source.abortVmotion();
      throw error;
    } finally {
      const waiting = held;
      held = undefined;
      waiting.forEach((bytes) => current?.write(bytes));
      options.onDrain();
    }
  }

  const settled = connect();
  return {
    write: (bytes) => {
      if (held) {
        held.push(bytes);
        return "full";
      }
      return current ? (current.write(bytes) ? "sent" : "full") : "lost";
    },
    settled,
    migrate,
    close: () => {
      isClosed = true;
      retry.stop();
      current?.end();
      current = undefined;
    },
  };
}

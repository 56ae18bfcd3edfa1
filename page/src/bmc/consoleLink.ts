/** The WebSocket to a console: opened again by itself when it is lost. */

export interface ConsoleUser {
  readonly user: string;
  readonly from: string;
}

export interface ConsoleStatus {
  /** Whether the machine's serial port is connected. */
  readonly connected: boolean;
  /** Whether what is typed here reaches the machine. */
  readonly isWriter: boolean;
  readonly writer?: ConsoleUser;
  readonly watchers: readonly ConsoleUser[];
}

export interface ConsoleEvents {
  /** The last output follows: what was shown before comes again. */
  readonly onOpen: () => void;
  readonly onData: (bytes: Uint8Array) => void;
  readonly onStatus: (status: ConsoleStatus) => void;
  readonly onOverrun: (skippedBytes: number) => void;
  readonly onLost: (reason: string) => void;
}

export interface ConsoleLink {
  readonly write: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly command: (command: "break" | "take" | "release") => void;
  readonly close: () => void;
}

const firstWaitMs = 500;
const maxWaitMs = 8_000;
/** The server's code for a console that this account must not open. */
const denied = 4_003;

export function openConsole(name: string, token: string, events: ConsoleEvents): ConsoleLink {
  const url = `${location.origin.replace(/^http/, "ws")}/console/${encodeURIComponent(name)}`;
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waitMs = firstWaitMs;
  let isClosed = false;

  function connect(): void {
    let isFirst = true;
    const opened = new WebSocket(url, ["vbmc-console", `token.${token}`]);
    socket = opened;
    opened.binaryType = "arraybuffer";
    opened.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (isFirst) {
        isFirst = false;
        waitMs = firstWaitMs;
        events.onOpen();
      }
      if (typeof data === "string") {
        receive(data, events);
      } else {
        events.onData(new Uint8Array(data));
      }
    };
    opened.onclose = ({ code, reason }) => {
      if (isClosed || socket !== opened) {
        return;
      }
      events.onLost(reason);
      if (code !== denied) {
        timer = setTimeout(connect, waitMs);
        waitMs = Math.min(waitMs * 2, maxWaitMs);
      }
    };
  }

  connect();
  return {
    write: (bytes) => {
      if (socket?.readyState === WebSocket.OPEN) {
        socket.send(bytes);
      }
    },
    command: (command) => {
      if (socket?.readyState === WebSocket.OPEN) {
        socket.send(command);
      }
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}

function receive(text: string, { onStatus, onOverrun }: ConsoleEvents): void {
  const message = JSON.parse(text) as { type: string; skippedBytes?: number } & ConsoleStatus;
  if (message.type === "status") {
    onStatus(message);
  } else if (message.type === "overrun") {
    onOverrun(message.skippedBytes ?? 0);
  }
}

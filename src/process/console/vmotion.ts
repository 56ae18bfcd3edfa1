/** A VM's connection in a vMotion: as the source that the VM leaves, and as the destination where it goes on. */
import type { Migrations } from "../../protocol/telnet/migrations.js";
import { codes, encodeProxyMessage } from "../../protocol/telnet/vmwareExtension.js";
import type { VmOutput } from "./vmOutput.js";
import type { VmSocket } from "./vmSocket.js";
import type { VmConnection, VmState } from "./vmState.js";

/** How long input waits for a vMotion, ms: the VM still runs at the source. */
const holdTimeoutMs = 300_000;
/** How long the destination of a vMotion may be silent about its end, ms. */
const destinationTimeoutMs = 900_000;

export interface VmotionOptions {
  readonly state: VmState;
  readonly socket: VmSocket;
  readonly output: VmOutput;
  readonly migrations: Migrations<VmConnection>;
  /** Which connection this is. */
  readonly connection: () => VmConnection;
  readonly leaveLimbo: () => void;
  /** @param reason half a sentence */
  readonly onFault: (reason: string) => void;
}

/** What a VM's messages about its vMotion do. */
export interface Vmotion {
  /** The VM is about to leave. */
  readonly begin: (sequence: Buffer) => void;
  /** This is where it goes. */
  readonly join: (sequence: Buffer, secret: Buffer) => void;
  readonly complete: (sequence: Buffer) => void;
  readonly abort: () => void;
}

export function createVmotion(options: VmotionOptions): Vmotion {
  const { state, socket, output, migrations, connection, leaveLimbo, onFault } = options;
  const { send } = socket;
  return {
    begin: (sequence) => {
      if (state.phase !== "serving") {
        send(encodeProxyMessage(codes.VMOTION_NOTNOW, sequence));
        return;
      }
      const { secret, replaced } = migrations.begin(connection(), sequence);
      replaced?.destination?.destroy();
      state.line?.holdInput(true);
      // Behind all that was typed before.
      send(encodeProxyMessage(codes.VMOTION_GOAHEAD, sequence, secret));
      socket.wait(holdTimeoutMs, () => state.line?.holdInput(false));
    },
    join: (sequence, secret) => {
      const migration = state.phase === "limbo" ? migrations.join(connection(), sequence, secret) : undefined;
      if (migration === undefined) {
        send(encodeProxyMessage(codes.UNKNOWN_SUBOPTION_RCVD_2, Buffer.from([codes.VMOTION_PEER])));
        return;
      }
      leaveLimbo();
      state.phase = "destination";
      state.isProven = true;
      state.line = migration.source.line;
      socket.wait(destinationTimeoutMs, () => onFault("the vMotion did not end"));
      send(encodeProxyMessage(codes.VMOTION_PEER_OK, sequence));
    },
    complete: (sequence) => {
      const migration = migrations.complete(connection(), sequence);
      if (migration === undefined) {
        return;
      }
      socket.stopWaiting();
      state.phase = "arriving";
      state.line?.moveTo(connection());
      migration.source.retire(output.arrive);
    },
    abort: () => {
      const migration = migrations.abort(connection());
      if (migration !== undefined) {
        socket.stopWaiting();
        migration.destination?.destroy();
        state.line?.holdInput(false);
      }
    },
  };
}

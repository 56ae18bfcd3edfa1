/** A UDP proxy in front of a BMC that loses datagrams. */
import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";

export interface LossyUdp {
  readonly port: number;
  /** How many datagrams were lost. */
  readonly lost: () => number;
  readonly close: () => void;
}

/** For one client at a time. `loses` is asked for each datagram. */
export async function startLossyUdp(bmcPort: number, loses: (datagram: Buffer) => boolean): Promise<LossyUdp> {
  const front = createSocket("udp4");
  const back = createSocket("udp4");
  let client: RemoteInfo | undefined;
  let lost = 0;
  const passes = (datagram: Buffer): boolean => {
    const isLost = loses(datagram);
    lost += isLost ? 1 : 0;
    return !isLost;
  };
  front.on("message", (datagram, from) => {
    client = from;
    if (passes(datagram)) {
      back.send(datagram, bmcPort, "127.0.0.1");
    }
  });
  back.on("message", (datagram) => {
    if (client && passes(datagram)) {
      front.send(datagram, client.port, client.address);
    }
  });
  front.bind(0, "127.0.0.1");
  back.bind(0, "127.0.0.1");
  await Promise.all([once(front, "listening"), once(back, "listening")]);
  return {
    port: front.address().port,
    lost: () => lost,
    close: () => {
      front.close();
      back.close();
    },
  };
}

/** Whether a datagram carries a SOL payload (IPMI 2.0 table 13-16). */
export function isSol(datagram: Buffer): boolean {
  return datagram[4] === 0x06 && (datagram[5]! & 0x3f) === 0x01;
}

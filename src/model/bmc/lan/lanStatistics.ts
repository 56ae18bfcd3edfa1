/** Packets that the BMC has received and sent (IPMI 2.0 §23.4), since the start or the last clearing. */
export interface LanStatistics {
  udpReceived: number;
  sent: number;
  rmcpReceived: number;
}

export function createLanStatistics(): LanStatistics {
  return { udpReceived: 0, sent: 0, rmcpReceived: 0 };
}

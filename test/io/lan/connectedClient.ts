/**
 * `connectedClient ADDRESS PORT`: asks as ipmitool does, from a connected socket, which takes no answer from another
 * address. Ends with 0 once it is answered; like ipmitool it asks again when no answer comes, and gives up after a while.
 */
import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";

const [address = "", port = ""] = process.argv.slice(2);
const tries = 40;
const intervalMs = 250;

const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
socket.once("message", () => process.exit(0));
socket.on("error", () => undefined);
socket.connect(Number(port), address, () => {
  let asked = 0;
  const ask = (): void => {
    if (asked++ === tries) {
      process.exit(1);
    }
    socket.send("ping", () => undefined);
  };
  ask();
  setInterval(ask, intervalMs);
});

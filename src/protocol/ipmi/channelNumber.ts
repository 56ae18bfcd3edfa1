/** Channel numbers (IPMI 2.0 §6.3): the LAN channel is 1, the serial port 2, Eh is "the channel this came in by". */
import { invalidField } from "./requestData.js";

export const lanChannel = 1;
/** The VM's serial port: it carries no IPMI messages, and is there for those who look for it (FreeIPMI). */
export const serialChannel = 2;
const presentChannel = 0x0e;

/** The LAN channel, for commands about it; throws CCh for all others. */
export function resolveChannel(byte: number): number {
  const channel = resolveAnyChannel(byte);
  if (channel !== lanChannel) {
    throw invalidField(`channel ${channel} is no LAN channel`);
  }
  return lanChannel;
}

/** The number of an existing channel; throws CCh for all others. */
export function resolveAnyChannel(byte: number): number {
  const channel = byte & 0x0f;
  if (channel === presentChannel) {
    return lanChannel;
  }
  if (channel !== lanChannel && channel !== serialChannel) {
    throw invalidField(`channel ${channel} does not exist`);
  }
  return channel;
}

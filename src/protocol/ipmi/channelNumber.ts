/** Channel numbers (IPMI 2.0 §6.3): the LAN channel is 1, Eh means "the channel of this request". */
import { invalidField } from "./requestData.js";

export const lanChannel = 1;
const presentChannel = 0x0e;

/** The number of an existing channel; throws CCh for all others. */
export function resolveChannel(byte: number): number {
  const channel = byte & 0x0f;
  if (channel !== lanChannel && channel !== presentChannel) {
    throw invalidField(`channel ${channel} does not exist`);
  }
  return lanChannel;
}

/** Our end of a direct telnet connection to a VM's serial port, without VMware's extension. Pure. */
import { createTelnetDecoder } from "./decoder.js";
import { createOptionNegotiation, directRoles } from "./optionNegotiation.js";

export interface DirectSession {
  /** To be sent at first. */
  readonly opening: () => Buffer;
  /** @returns what is due to be sent */
  readonly receive: (chunk: Buffer, onData: (bytes: Buffer) => void) => Buffer;
}

export function createDirectSession(): DirectSession {
  const decoder = createTelnetDecoder();
  const negotiation = createOptionNegotiation(directRoles);
  return {
    opening: negotiation.opening,
    receive: (chunk, onData) => {
      const replies: Buffer[] = [];
      for (const event of decoder.push(chunk)) {
        if (event.type === "data") {
          onData(event.bytes);
        } else if (event.type === "option") {
          replies.push(negotiation.receive(event.verb, event.option) ?? Buffer.alloc(0));
        }
      }
      return Buffer.concat(replies);
    },
  };
}

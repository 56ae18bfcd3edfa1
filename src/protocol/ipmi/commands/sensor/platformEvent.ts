/** Platform Event Message (IPMI 2.0 §29.3): a client adds an event to the SEL. */
import { encodeSystemEvent } from "../../../../model/sel/systemEvent.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

/** Remote console software, as in the source address of its messages (§5.5). */
const remoteConsole = 0x81;
const eventFieldsLength = 7;

interface Request {
  readonly generator: number;
  /** Revision, sensor type, number, event type and three bytes of data. */
  readonly fields: Buffer;
}

export const platformEventMessage = defineCommand<Request>({
  netFn: netFn.sensorEvent,
  command: 0x02,
  name: "Platform Event",
  section: "29.3",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, eventFieldsLength, eventFieldsLength + 1);
    // On a system interface a generator ID precedes the fields; some clients send it over LAN too.
    const hasGenerator = data.length > eventFieldsLength;
    return {
      generator: hasGenerator ? data.readUInt8(0) : remoteConsole,
      fields: Buffer.from(data.subarray(hasGenerator ? 1 : 0)),
    };
  },
  run: async ({ generator, fields }, { bmc }) => {
    const now = bmc.clock.now();
    await bmc.sel.add(encodeSystemEvent(generator, fields, now), now).persisted;
  },
});

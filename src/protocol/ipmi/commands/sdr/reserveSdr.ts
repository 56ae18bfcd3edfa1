/** Reserve SDR Repository and Reserve Device SDR Repository (IPMI 2.0 §33.11, §35.4). */
import { type Command, defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

function reserveCommand(row: Pick<Command, "netFn" | "command" | "name" | "section">): Command {
  return defineCommand<undefined, number>({
    ...row,
    privilege: privilege.user,
    run: (_request, { bmc, session }) => bmc.sdrReservation.reserve(session?.id),
    encode: (id) => {
      const data = Buffer.alloc(2);
      data.writeUInt16LE(id);
      return data;
    },
  });
}

export const reserveSdrRepository = reserveCommand({
  netFn: netFn.storage,
  command: 0x22,
  name: "Reserve SDR Repository",
  section: "33.11",
});
export const reserveDeviceSdrRepository = reserveCommand({
  netFn: netFn.sensorEvent,
  command: 0x22,
  name: "Reserve Device SDR Repository",
  section: "35.4",
});

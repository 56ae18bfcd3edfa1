/** Get DCMI Sensor Info and Get Temperature Readings (DCMI 1.5 §6.5.2, §6.7.3): a VM has no temperatures. */
import { type Command, defineCommand } from "../../command.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";
import { dcmiGroup } from "./dcmiCommand.js";

const temperature = 0x01;
/** Inlet, CPU and baseboard, by their DCMI and IPMI entity IDs (table 6-14). */
const entities: readonly number[] = [0x40, 0x37, 0x41, 0x03, 0x42, 0x07];

function temperatureCommand(command: number, name: string, section: string): Command {
  return defineCommand({
    ...dcmiGroup,
    command,
    name,
    section,
    privilege: privilege.user,
    decode: (data) => {
      requireDataLength(data, 4);
      const [type = 0, entity = 0] = data;
      if (type !== temperature || !entities.includes(entity)) {
        throw invalidField(`sensor type ${type} of entity ${entity}`);
      }
    },
    // Number of instances in total, and in this response.
    encode: () => Buffer.from([0, 0]),
  });
}

export const getDcmiSensorInfo = temperatureCommand(0x07, "Get DCMI Sensor Info", "DCMI 1.5 §6.5.2");
export const getTemperatureReadings = temperatureCommand(0x10, "Get Temperature Readings", "DCMI 1.5 §6.7.3");

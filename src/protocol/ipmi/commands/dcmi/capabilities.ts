/** Get DCMI Capabilities Info (DCMI 1.5 §6.1.1, tables 6-2 and 6-3). */
import { selCapacity } from "../../../../model/sel/sel.js";
import { lanChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { conformance, dcmiGroup } from "./dcmiCommand.js";

const parameterRevision = 0x02;
const powerManagement = 0x01;
/** SEL attributes: automatic rollover, entry by entry; the number of entries has 12 bits. */
const rollover = 0x80 | 0x20;
const noChannel = 0xff;
const bmcAddress = 0x20;

type Capability = (hasPower: boolean) => readonly number[];

const capabilities: Readonly<Record<number, Capability>> = {
  /** Supported capabilities: reserved, platform, manageability access. */
  1: (hasPower) => [0, hasPower ? powerManagement : 0, 0],
  /** Mandatory platform attributes: SEL, reserved, sampling frequency of temperatures, which do not exist. */
  2: () => {
    const entries = Math.min(selCapacity, 0xfff);
    return [entries & 0xff, rollover | (entries >> 8), 0, 0, 0];
  },
  /** Optional platform attributes: location of the power management. */
  3: () => [bmcAddress, 0],
  /** Manageability access: the LAN channel; no secondary one, no serial port. */
  4: () => [lanChannel, noChannel, noChannel],
  /** Enhanced power statistics: no rolling averages. */
  5: () => [0],
};

export const getDcmiCapabilitiesInfo = defineCommand<number, readonly number[]>({
  ...dcmiGroup,
  command: 0x01,
  name: "Get DCMI Capabilities Info",
  section: "DCMI 1.5 §6.1.1",
  // Session-less, as Get Channel Authentication Capabilities.
  privilege: privilege.none,
  decode: (data) => {
    requireDataLength(data, 1);
    return data.readUInt8(0);
  },
  run: async (selector, { bmc, session }) => {
    const capability = capabilities[selector];
    if (!capability) {
      throw new CompletionError(completionCode.parameterOutOfRange, `DCMI capability parameter ${selector}`);
    }
    // Never query vSphere for an unauthenticated request.
    return capability(session ? (await bmc.power.read()) !== undefined : bmc.power.isMeasured());
  },
  encode: (bytes) => Buffer.from([...conformance, parameterRevision, ...bytes]),
});

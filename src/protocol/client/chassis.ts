/** The chassis commands that the demo and self-checks use (IPMI 2.0 chapter 28). */
import { hexByte } from "../../base/hex.js";
import type { ClientSession } from "./clientSession.js";
import { ClientError } from "./exchange.js";

const chassis = 0x00;
const getChassisStatus = 0x01;
const chassisControl = 0x02;
const setSystemBootOptions = 0x08;
const bootFlagsParameter = 5;
const bootFlagsValid = 0x80;

export const chassisActions = { off: 0, on: 1, cycle: 2, reset: 3, diag: 4, soft: 5 } as const;
export const bootDevices = { none: 0x0, pxe: 0x1, disk: 0x2, cdrom: 0x5, bios: 0x6 } as const;

/** Rejects with ClientError for a completion code other than 00h. */
export async function readPowerStatus(session: ClientSession): Promise<"on" | "off"> {
  const data = await expectOk(session, getChassisStatus, []);
  return ((data[0] ?? 0) & 1) === 1 ? "on" : "off";
}

export async function controlChassis(session: ClientSession, action: keyof typeof chassisActions): Promise<void> {
  await expectOk(session, chassisControl, [chassisActions[action]]);
}

/** For the next boot only. */
export async function setBootDevice(session: ClientSession, device: keyof typeof bootDevices): Promise<void> {
  const flags = [bootFlagsParameter, bootFlagsValid, bootDevices[device] << 2, 0, 0, 0];
  await expectOk(session, setSystemBootOptions, flags);
}

async function expectOk(session: ClientSession, command: number, data: readonly number[]): Promise<Buffer> {
  const { completionCode, data: answer } = await session.request({ netFn: chassis, command, data });
  if (completionCode !== 0) {
    const code = hexByte(completionCode);
    throw new ClientError("refused", `the BMC returned completion code ${code}h`);
  }
  return answer;
}

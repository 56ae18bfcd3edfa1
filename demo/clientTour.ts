/** What the demo does where ipmitool is not installed: the same with our own small client. */
import { controlChassis, readPowerStatus, setBootDevice } from "../src/protocol/client/chassis.js";
import { type ClientSession, openClientSession } from "../src/protocol/client/clientSession.js";
import type { DemoBmc } from "./ipmitoolTour.js";

export async function driveWithClient(bmcs: readonly DemoBmc[], print: (text: string) => void): Promise<void> {
  const [first] = bmcs;
  for (const bmc of bmcs) {
    await inSession(bmc, async (session) => print(`${bmc.vmName}: power is ${await readPowerStatus(session)}\n`));
  }
  if (!first) {
    return;
  }
  await inSession(first, async (session) => {
    await controlChassis(session, "on");
    print(`${first.vmName}: power on, and now it is ${await readPowerStatus(session)}\n`);
    await setBootDevice(session, "pxe");
    print(`${first.vmName}: boots from the network next time\n`);
    await controlChassis(session, "soft");
    print(`${first.vmName}: the guest has been asked to shut down\n`);
  });
}

async function inSession({ host, port }: DemoBmc, work: (session: ClientSession) => Promise<void>): Promise<void> {
  const session = await openClientSession({ host, port, username: "admin", password: "password" });
  try {
    await work(session);
  } finally {
    await session.close();
  }
}

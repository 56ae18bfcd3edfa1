/** What the demo does with our own small IPMI client. */
import { controlChassis, readPowerStatus } from "../src/protocol/client/chassis.js";
import { type ClientSession, openClientSession } from "../src/protocol/client/clientSession.js";
import { bmcAccount, type DemoBmc } from "./stage.js";

/** Where ipmitool is not installed. */
export async function driveWithClient(bmc: DemoBmc, print: (text: string) => void): Promise<void> {
  await inSession(bmc, async (session) => {
    print(`${bmc.name}: power is ${await readPowerStatus(session)}\n`);
    await controlChassis(session, "on");
    print(`${bmc.name}: power on, and now it is ${await readPowerStatus(session)}\n`);
  });
}

export async function switchOn(bmc: DemoBmc): Promise<void> {
  await inSession(bmc, (session) => controlChassis(session, "on"));
}

async function inSession({ ipmiPort }: DemoBmc, work: (session: ClientSession) => Promise<void>): Promise<void> {
  const account = { username: bmcAccount.userName, password: bmcAccount.password };
  const session = await openClientSession({ host: "127.0.0.1", port: ipmiPort, ...account });
  try {
    await work(session);
  } finally {
    await session.close();
  }
}

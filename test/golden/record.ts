/**
 * Records what real clients and the BMC say to each other: `node --import tsx test/golden/record.ts [NAME …]`, from the root of
 * the repository. Only what a client accepts is kept.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";

import { openUdpServer } from "../../src/io/lan/udpServer.js";
import { type ClientRun,clientRuns, runClient } from "./clients.js";
import { createRecordedBmc } from "./recordedBmc.js";

const names = process.argv.slice(2);
for (const client of clientRuns.filter(({ name }) => names.length === 0 || names.includes(name))) {
  await record(client);
}

async function record(client: ClientRun): Promise<void> {
  const bmc = createRecordedBmc(client.cipherSuites, client.withKg);
  const lines: string[] = [];
  const address = client.onlyPort623 ? "127.62.3.1" : "127.0.0.1";
  const server = await openUdpServer({
    address,
    port: client.onlyPort623 ? 623 : 0,
    log: () => undefined,
    receive: (datagram, remote, reply) => {
      lines.push(`> ${remote.port} ${datagram.toString("hex")}`);
      bmc.responder.receive(datagram, remote, (answer) => {
        lines.push(`< ${answer.toString("hex")}`);
        reply(answer);
      });
    },
  });
  const startedAt = Date.now();
  const outcome = await runClient(client, address, String(server.port));
  await server.close();
  if (!outcome.isThrough) {
    console.error(`${client.name}: NOT RECORDED\n${outcome.output}`);
    return;
  }
  console.log(`${client.name}: ${lines.length} datagrams, ${Date.now() - startedAt} ms`);
  await writeFile(path.join("test/golden", `${client.name}.txt`), `${lines.join("\n")}\n`);
}

/** A picture of the machine's screen, on demand. */
import { useEffect, useState } from "preact/hooks";

import { RedfishFailure } from "../redfish/client.js";
import { usePage } from "../state/context.js";
import type { BmcRow } from "../state/fleet.js";
import { useAction } from "../ui/useAction.js";

export function Screen({ row }: { row: BmcRow }) {
  const { client } = usePage();
  const { isBusy, run } = useAction();
  const [picture, setPicture] = useState<string>();
  useEffect(() => () => picture !== undefined && URL.revokeObjectURL(picture), [picture]);

  async function take(): Promise<void> {
    await run(`Picture of ${row.name}`, async () => {
      const response = await client.open(`/screen/${encodeURIComponent(row.name)}`, AbortSignal.timeout(30_000));
      if (!response.ok) {
        const { error } = (await response.json()) as { error: { message: string } };
        throw new RedfishFailure(response.status, error.message);
      }
      setPicture(URL.createObjectURL(await response.blob()));
    });
  }

  return (
    <section>
      <h2>Screen</h2>
      {picture !== undefined && <img class="screen" src={picture} alt={`Screen of ${row.name}`} />}
      <p>
        <button type="button" disabled={isBusy || row.power !== "On"} onClick={() => void take()}>
          {picture === undefined ? "Show the screen" : "Show it again"}
        </button>
      </p>
    </section>
  );
}

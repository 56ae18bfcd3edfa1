/** The drives of the machine, and the images in them (DSP0268 "VirtualMedia"). */
import { useState } from "preact/hooks";

import { listOf, type Resource, textOf, textsOf } from "../redfish/client.js";
import { complete } from "../redfish/tasks.js";
import { upload } from "../redfish/upload.js";
import { usePage } from "../state/context.js";
import type { BmcRow } from "../state/fleet.js";
import { mayOperate } from "../state/power.js";
import { Field } from "../ui/Field.js";
import { useAction } from "../ui/useAction.js";
import { useResource } from "../ui/useResource.js";

export function MediaTab({ row }: { row: BmcRow }) {
  const { resource, failure, reload } = useResource(`${row.systemUri}/VirtualMedia?$expand=.`, row.name);
  const drives = listOf(resource?.["Members"]);
  const [chosen, setChosen] = useState<string>();
  const shown = drives.find((drive) => idOf(drive) === chosen) ?? drives[0];
  return (
    <>
      {failure !== undefined && <p role="alert">{failure}</p>}
      {resource === undefined && failure === undefined && <p>Loading …</p>}
      {drives.length > 1 && (
        <div class="field">
          <label for="drive">Drive</label>
          <select id="drive" value={idOf(shown)} onChange={(event) => setChosen(event.currentTarget.value)}>
            {drives.map((drive) => (
              <option key={idOf(drive)} value={idOf(drive)}>
                {textOf(drive["Name"]) ?? idOf(drive)}
              </option>
            ))}
          </select>
        </div>
      )}
      {shown && <Drive key={idOf(shown)} row={row} drive={shown} onChange={reload} />}
    </>
  );
}

function idOf(drive: Resource | undefined): string {
  return textOf(drive?.["Id"]) ?? "";
}

function Drive({ row, drive, onChange }: { row: BmcRow; drive: Resource; onChange: () => void }) {
  const { client, user } = usePage();
  const { isBusy, run } = useAction();
  const [url, setUrl] = useState("");
  const [file, setFile] = useState<File>();
  const [isBootWanted, setBootWanted] = useState(false);
  const [percent, setPercent] = useState<number>();
  const uri = textOf(drive["@odata.id"]) ?? "";
  const id = idOf(drive);
  const image = textOf(drive["Image"]) ?? textOf(drive["ImageName"]);
  const isInserted = drive["Inserted"] === true;
  const isCd = textsOf(drive["MediaTypes"]).includes("CD") || /^cd/i.test(id);
  const isDisabled = isBusy || !mayOperate(user.role);

  async function act(action: "InsertMedia" | "EjectMedia", body: Resource): Promise<void> {
    const reply = await client.post(`${uri}/Actions/VirtualMedia.${action}`, body);
    onChange();
    await complete(client, reply, (done) => {
      setPercent(done);
      onChange();
    });
  }

  async function insert(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const isDone = await run(`Insert into ${id} of ${row.name}`, async () => {
      if (file) {
        await upload(file, { name: row.name, slot: isCd ? "cd" : "floppy" }, user.token, setPercent);
      } else {
        await act("InsertMedia", { Image: url, Inserted: true });
      }
      if (isBootWanted) {
        const boot = { BootSourceOverrideEnabled: "Once", BootSourceOverrideTarget: isCd ? "Cd" : "Floppy" };
        await client.patch(row.systemUri, { Boot: boot });
      }
    });
    setPercent(undefined);
    if (isDone) {
      setUrl("");
      setFile(undefined);
      form.reset();
    }
    onChange();
  }

  async function eject(): Promise<void> {
    await run(`Eject from ${id} of ${row.name}`, () => act("EjectMedia", {}));
    onChange();
  }

  return (
    <section aria-label={`Drive ${id}`}>
      <h2>{textOf(drive["Name"]) ?? id}</h2>
      <p>
        {isInserted || image !== undefined ? (
          <>
            Holds <code>{image ?? "an image"}</code>
            {textOf(drive["ConnectedVia"]) === "NotConnected" && ", not connected"}
          </>
        ) : (
          "Empty"
        )}
      </p>
      <form class="line" onSubmit={(event) => void insert(event)}>
        <Field
          label="Image URL"
          value={url}
          onChange={setUrl}
          placeholder="https://images.example.com/linux.iso"
          isRequired={file === undefined}
          isDisabled={isDisabled || file !== undefined}
        />
        <div class="field">
          <label for="image-file">or a file of this computer</label>
          <input
            id="image-file"
            type="file"
            accept=".iso,.img,.flp,.ima"
            disabled={isDisabled}
            onChange={(event) => setFile(event.currentTarget.files?.[0])}
          />
        </div>
        <label class="check">
          <input
            type="checkbox"
            checked={isBootWanted}
            disabled={isDisabled}
            onChange={(event) => setBootWanted(event.currentTarget.checked)}
          />
          Boot from it once
        </label>
        <button type="submit" class="primary" disabled={isDisabled}>
          Insert
        </button>
        <button type="button" disabled={isDisabled || !isInserted} onClick={() => void eject()}>
          Eject
        </button>
      </form>
      {isBusy && (
        <progress aria-label={`Progress of ${id}`} max={100} {...(percent === undefined ? {} : { value: percent })} />
      )}
    </section>
  );
}

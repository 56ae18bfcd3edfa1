/** Asks before many machines are switched: names them all. */
import { useEffect, useRef } from "preact/hooks";

export interface ConfirmProps {
  readonly action: string;
  readonly names: readonly string[];
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}

export function Confirm({ action, names, onConfirm, onCancel }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const title = `${action}: ${names.length} ${names.length === 1 ? "machine" : "machines"}?`;
  return (
    <dialog ref={dialog} aria-label={title} onCancel={onCancel}>
      <h2>{title}</h2>
      <ul class="names" tabIndex={0} aria-label="Machines">
        {names.map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
      <div class="buttons">
        <button type="button" class="primary" onClick={onConfirm}>
          {action}
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </dialog>
  );
}

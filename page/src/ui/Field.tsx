/** A labelled input of a form. */
import { useEffect, useId, useRef } from "preact/hooks";

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: "text" | "password";
  readonly autocomplete?: string;
  readonly placeholder?: string;
  readonly isRequired?: boolean;
  readonly isDisabled?: boolean;
  readonly hasFocus?: boolean;
}

/** A text field with its label. */
export function Field({ label, value, onChange, type = "text", hasFocus = false, ...props }: FieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (hasFocus) {
      input.current?.focus();
    }
  }, [hasFocus]);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        ref={input}
        id={id}
        {...(type === "password" ? { type } : { type: "text" })}
        value={value}
        spellcheck={false}
        autocomplete={props.autocomplete ?? "off"}
        placeholder={props.placeholder}
        required={props.isRequired}
        disabled={props.isDisabled}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  );
}

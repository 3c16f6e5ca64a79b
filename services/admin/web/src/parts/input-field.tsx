import type { InputHTMLAttributes } from 'preact';

export type InputFieldProps = {
  id: string;
  label: string;
  help?: string;
  value: string;
  change: (text: string) => void;
  input?: InputHTMLAttributes;
};

/** A labelled line of text. */
export const InputField = ({ id, label, help, value, change, input }: InputFieldProps) => (
  <div class="field">
    <label for={id}>{label}</label>
    <input
      id={id}
      autocomplete="off"
      spellcheck={false}
      value={value}
      aria-describedby={help === undefined ? undefined : `${id}-help`}
      onInput={(event) => change(event.currentTarget.value)}
      {...input}
    />
    {help !== undefined && (
      <p class="help" id={`${id}-help`}>
        {help}
      </p>
    )}
  </div>
);

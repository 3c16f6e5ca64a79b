import type { InputHTMLAttributes } from 'preact';
import { sayOfField, type SetupField } from '../domain/setup-values.js';
import { useNow } from '../parts/clock.js';
import { CopyValue } from '../parts/actions.js';
import type { Guide, SetupAction, StepProps, Verdict } from './setup-types.js';

/** The name that the service has for a field of the dialogue. */
const VERDICT_FIELDS: Partial<Record<SetupField, string>> = { secretExpiresOn: 'secretExpiresAt' };

export type TextFieldProps = Pick<StepProps, 'values' | 'change' | 'verdicts' | 'act'> & {
  field: Exclude<
    SetupField,
    'userSync' | 'mfaVerification' | 'limitByGroup' | 'includeGuests' | 'consent' | 'credential'
  >;
  label: string;
  help?: string;
  input?: InputHTMLAttributes;
};

/** A field with what can be said of it: by its form at once, by the tenant itself a moment later. */
export function TextField({ field, label, help, input, values, change, verdicts, act }: TextFieldProps) {
  const now = useNow();
  const said = sayOfField(field, values, now);
  const proved =
    said?.state === 'problem' ? [] : verdicts.filter((one) => one.field === (VERDICT_FIELDS[field] ?? field));
  const isWrong = said?.state === 'problem' || proved.some(({ state }) => state === 'problem');
  const shown = proved.length > 0 ? null : said;
  return (
    <div class="field">
      <label for={field}>{label}</label>
      <input
        id={field}
        autocomplete="off"
        spellcheck={false}
        value={values[field]}
        aria-invalid={isWrong}
        aria-describedby={`${field}-help ${field}-said`}
        onInput={(event) => change({ [field]: event.currentTarget.value })}
        {...input}
      />
      {help !== undefined && (
        <p class="help" id={`${field}-help`}>
          {help}
        </p>
      )}
      <div id={`${field}-said`} aria-live="polite">
        {shown && <p class={`said ${shown.state}`}>{shown.text}</p>}
        {proved.map((verdict) => (
          <VerdictLine key={verdict.text} verdict={verdict} act={act} />
        ))}
      </div>
    </div>
  );
}

/** One sentence, and one button where something can be done. */
export const VerdictLine = ({
  verdict: { state, text, cure, action },
  about,
  act,
}: {
  verdict: Verdict;
  /** What it speaks of, where its text does not say. */
  about?: string | undefined;
  act: StepProps['act'];
}) => (
  <div class="row">
    <p class={`said ${state}`}>
      {state === 'ok' && '✓ '}
      {about !== undefined && `${about}: `}
      {text} {cure}
    </p>
    {action && state !== 'ok' && <ActionLink action={action} act={act} />}
  </div>
);

export const ActionLink = ({ action: { kind, label, href }, act }: { action: SetupAction; act: StepProps['act'] }) =>
  href === null ? (
    <button type="button" class="button small" onClick={() => act(kind)}>
      {label}
    </button>
  ) : (
    <a class="button small" href={href} target="_blank" rel="noreferrer">
      {label}
      <span class="visually-hidden"> (opens in a new tab)</span>
    </a>
  );

/** What to click in Entra, line by line as in the manual, with the values to take along. */
export function GuideLines({ guide, step, copies = true }: { guide: Guide; step: number; copies?: boolean }) {
  const lines = guide.steps.find(({ number }) => number === step)?.lines ?? [];
  return (
    <ol class="guide">
      {lines.map(({ text, copy }) => (
        <li key={text}>
          <span>{text}</span>
          {copies && copy !== null && <CopyValue value={copy} label={copy} />}
        </li>
      ))}
    </ol>
  );
}

/** The pages of Entra that a step speaks of. */
export const EntraLinks = ({ guide, kinds }: { guide: Guide; kinds: readonly string[] }) => {
  const links = guide.links.filter(({ kind, href }) => href !== null && kinds.includes(kind));
  if (links.length === 0) return null;
  return (
    <p class="row">
      {links.map((action) => (
        <ActionLink key={action.kind} action={action} act={() => undefined} />
      ))}
    </p>
  );
};

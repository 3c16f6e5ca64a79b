import { useState } from 'preact/hooks';
import type { ComponentChildren, TargetedSubmitEvent } from 'preact';
import { call, post, type Answer } from '../api/client.js';
import { refresh, useAnswer } from '../api/queries.js';
import type { AlertTargets, TargetKind } from '../domain/api-types.js';
import { EMPTY_MAIL, toMailBody, toMailValues, toTargetsBody, type MailValues } from '../domain/alert-targets.js';
import { ActionButton, useAction, useToast, type Action } from '../parts/actions.js';
import { Card, Failed, Load, Message } from '../parts/basics.js';
import { InputField } from '../parts/input-field.js';

const PATH = '/alerts/targets';

/** Where alerts go: one webhook, one mail server. */
export function AlertTargetCards() {
  const targets = useAnswer<AlertTargets>(PATH);
  return (
    <Load query={targets} lines={3}>
      {(answer) => (
        <div class="columns">
          {/* Begun anew when what is kept there changes; what is half typed into the other stays. */}
          <WebhookCard key={`webhook ${JSON.stringify(answer.body.webhook)}`} answer={answer} />
          <MailCard key={`mail ${JSON.stringify(answer.body.email)}`} answer={answer} />
        </div>
      )}
    </Load>
  );
}

type Props = { answer: Answer<AlertTargets> };

function useSave({ answer: { body, etag } }: Props, said: string) {
  const toast = useToast();
  return async (change: Record<string, unknown>): Promise<void> => {
    await call('PUT', PATH, { body: { ...toTargetsBody(body), ...change }, ifMatch: etag });
    toast(said);
    await refresh(PATH);
  };
}

type TargetProps = {
  kind: TargetKind;
  title: string;
  isKept: boolean;
  save: Action;
  remove: Action;
  children: ComponentChildren;
};

/** A form with its buttons: save; and, once it is kept, try and take away. */
function TargetForm({ kind, title, isKept, save, remove, children }: TargetProps) {
  const [tried, setTried] = useState<{ ok: boolean; failure: string | null } | null>(null);
  const test = useAction(async () => {
    setTried(await post(`${PATH}/${kind}/test`));
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    void save.run();
  };
  const error = save.error ?? remove.error ?? test.error;
  return (
    <Card title={title}>
      <form class="stack" onSubmit={submit}>
        {children}
        <div class="row">
          <button type="submit" class={`button ${isKept ? '' : 'primary'}`} aria-disabled={save.isRunning}>
            {save.isRunning ? 'Saving …' : isKept ? 'Save changes' : 'Add'}
            <span class="visually-hidden">: {title}</span>
          </button>
          {isKept && (
            <>
              <ActionButton action={test} busy="Sending …">
                Send a test<span class="visually-hidden">: {title}</span>
              </ActionButton>
              <ActionButton action={remove} kind="danger">
                Take away<span class="visually-hidden">: {title}</span>
              </ActionButton>
            </>
          )}
        </div>
        <div aria-live="polite">
          {tried && (
            <Message level={tried.ok ? 'good' : 'problem'}>
              {tried.ok ? 'The test has arrived there.' : (tried.failure ?? 'The test did not arrive.')}
            </Message>
          )}
        </div>
        {error && <Failed error={error} />}
      </form>
    </Card>
  );
}

function WebhookCard(props: Props) {
  const kept = props.answer.body.webhook;
  const put = useSave(props, 'The webhook is kept.');
  const drop = useSave(props, 'The webhook is taken away.');
  const [url, setUrl] = useState('');
  const [secret, setSecret] = useState('');
  const save = useAction(async () => {
    await put({
      webhook: {
        ...(url.trim() === '' ? {} : { url: url.trim() }),
        ...(secret === '' ? {} : { secret: secret.trim() }),
      },
    });
    setUrl('');
    setSecret('');
  });
  const remove = useAction(() => drop({ webhook: null }));
  return (
    <TargetForm kind="webhook" title="To a webhook" isKept={kept !== null} save={save} remove={remove}>
      <InputField
        id="webhook-url"
        label="Address"
        help={
          kept
            ? `Kept, sealed: ${kept.address}. Type another to change it.`
            : 'https. Gets a signed JSON message when an alert begins and when it is over. It is never shown whole again.'
        }
        value={url}
        change={setUrl}
        input={{ type: 'url', required: kept === null, placeholder: kept?.address ?? 'https://' }}
      />
      <InputField
        id="webhook-secret"
        label="Secret"
        help={
          kept
            ? 'Kept, sealed. Type one to change it; needed again when the address changes.'
            : 'Signs each message (Standard Webhooks); at least 24 characters. It is never shown again.'
        }
        value={secret}
        change={setSecret}
        input={{ type: 'password', autocomplete: 'new-password', minLength: 24, required: kept === null }}
      />
    </TargetForm>
  );
}

function MailCard(props: Props) {
  const kept = props.answer.body.email;
  const put = useSave(props, 'The mail server is kept.');
  const drop = useSave(props, 'The mail server is taken away.');
  const [values, setValues] = useState<MailValues>(kept ? toMailValues(kept) : EMPTY_MAIL);
  const change = (field: keyof MailValues) => (text: string) => setValues({ ...values, [field]: text });
  const save = useAction(async () => {
    await put({ email: toMailBody(values) });
    setValues((now) => ({ ...now, password: '' }));
  });
  const remove = useAction(() => drop({ email: null }));
  return (
    <TargetForm kind="email" title="By mail" isKept={kept !== null} save={save} remove={remove}>
      <div class="pair">
        <InputField
          id="mail-host"
          label="Mail server"
          value={values.host}
          change={change('host')}
          input={{ required: true, placeholder: 'smtp.example.com' }}
        />
        <div class="field">
          <label for="mail-security">Connection</label>
          <select
            id="mail-security"
            value={values.connection}
            onChange={(event) => change('connection')(event.currentTarget.value)}
          >
            <option value="587 starttls">STARTTLS, port 587</option>
            <option value="465 tls">TLS, port 465</option>
            <option value="2525 starttls">STARTTLS, port 2525</option>
            <option value="25 starttls">STARTTLS, port 25</option>
            <option value="25 none">plain relay, port 25</option>
          </select>
        </div>
      </div>
      <div class="pair">
        <InputField id="mail-user" label="User" help="Empty: none." value={values.user} change={change('user')} />
        <InputField
          id="mail-password"
          label="Password"
          help={kept?.hasPassword ? 'Kept, sealed. Type one to change it.' : 'Never shown again.'}
          value={values.password}
          change={change('password')}
          input={{ type: 'password', autocomplete: 'new-password' }}
        />
      </div>
      <InputField
        id="mail-from"
        label="From"
        value={values.from}
        change={change('from')}
        input={{ type: 'email', required: true, placeholder: 'muster@example.com' }}
      />
      <InputField
        id="mail-to"
        label="To"
        help="One or several addresses, with commas between."
        value={values.to}
        change={change('to')}
        input={{ required: true, placeholder: 'it@example.com' }}
      />
    </TargetForm>
  );
}

import { useState } from 'preact/hooks';
import { call, post } from '../api/client.js';
import type { Integration } from '../domain/api-types.js';
import { refresh } from '../api/queries.js';
import { plural } from '../domain/format.js';
import { sayOfField, type SetupValues } from '../domain/setup-values.js';
import { ActionButton, useAction, useToast } from '../parts/actions.js';
import { Card, Failed, Message } from '../parts/basics.js';
import { useNow } from '../parts/clock.js';
import { DraftCollision, seeCollision } from './collision.js';
import { EntraLinks, GuideLines, TextField } from './fields.js';
import { PreviewResult } from './preview-result.js';
import { SignInAddress } from './sign-in-address.js';
import type { Preview, SavingProps } from './setup-types.js';

type Scope = { groupId: string | null; includeGuests: boolean };
const toScope = ({ limitByGroup, groupId, includeGuests }: SetupValues): Scope => ({
  groupId: limitByGroup ? groupId.trim().toLowerCase() : null,
  includeGuests,
});

/** Step 5: everyone, or those of a group; who gains and who loses is shown before it counts. */
export function StepGroup(props: SavingProps) {
  const { guide, values, change } = props;
  return (
    <>
      <div class="columns">
        <Card title="In Entra">
          <GuideLines guide={guide} step={5} />
          <EntraLinks guide={guide} kinds={['open-groups']} />
        </Card>
        <Card title="Here">
          <div class="stack">
            <fieldset class="stack-s">
              <legend class="visually-hidden">Who is in scope</legend>
              <label class="choice">
                <input
                  type="radio"
                  name="scope"
                  checked={!values.limitByGroup}
                  onChange={() => change({ limitByGroup: false })}
                />
                <span>
                  <span class="choice-title">Everyone</span>
                  <span class="help">
                    {values.userSync
                      ? 'All people of the directory are synced and may sign in.'
                      : 'Everyone whom Microsoft’s MFA report names.'}
                  </span>
                </span>
              </label>
              <label class="choice">
                <input
                  type="radio"
                  name="scope"
                  checked={values.limitByGroup}
                  onChange={() => change({ limitByGroup: true })}
                />
                <span>
                  <span class="choice-title">Only the people of a group</span>
                  <span class="help">Groups inside it count too.</span>
                </span>
              </label>
            </fieldset>
            {values.limitByGroup && (
              <TextField
                {...props}
                field="groupId"
                label="Group ID"
                help="The Object ID of the group."
                input={{ class: 'id', placeholder: '00000000-0000-0000-0000-000000000000' }}
              />
            )}
            {!values.limitByGroup && values.userSync && (
              <label class="choice">
                <input
                  type="checkbox"
                  checked={values.includeGuests}
                  onChange={(event) => change({ includeGuests: event.currentTarget.checked })}
                />
                <span>
                  <span class="choice-title">Guests too</span>
                  <span class="help">People of other organisations who were invited.</span>
                </span>
              </label>
            )}
          </div>
        </Card>
      </div>
      <PreviewCard {...props} />
      {props.integration && (
        <Card title="Where people sign in">
          <SignInAddress
            redirectUri={guide.redirectUri}
            integrationId={props.integration.integrationId}
            userSync={props.integration.features.userSync}
          />
        </Card>
      )}
    </>
  );
}

const toSaveLabel = (count: number, sees: 'access' | 'cover'): string =>
  sees === 'access'
    ? `Save: ${plural(count, 'person loses', 'people lose')} access`
    : `Save: ${plural(count, 'person is', 'people are')} no longer covered`;

/** Nothing is saved or started before its preview was seen, and the preview is of exactly that. */
function PreviewCard({ values, integration, draft, saved }: SavingProps) {
  const now = useNow();
  const toast = useToast();
  const [seen, setSeen] = useState<{ of: string; preview: Preview } | null>(null);
  const scope = toScope(values);
  // Of what is saved too: it tells who loses.
  const of = JSON.stringify({ ...scope, revision: integration?.revision });
  const isChanged =
    integration !== null &&
    (integration.groupId !== scope.groupId || integration.includeGuests !== scope.includeGuests);
  const isDraft = integration?.state === 'draft';
  const isTurnedOff = integration?.features.userSync === true && !values.userSync;
  const path = `/integrations/${integration?.integrationId ?? ''}`;

  const look = useAction(async () => {
    setSeen({ of, preview: await post<Preview>(`${path}/preview`, scope) });
  });
  /** Answers the revision that is saved then. */
  const keep = async (): Promise<string> => {
    const ifMatch = `"${draft.revision ?? 0}"`;
    if (!isChanged) return ifMatch;
    const after = (await seeCollision(call<Integration>('PATCH', path, { body: scope, ifMatch }))).body;
    await refresh('/integrations');
    const { groupId, limitByGroup, includeGuests } = values;
    saved({ groupId, limitByGroup, includeGuests }, after);
    setSeen(null);
    return `"${after.revision}"`;
  };
  const save = useAction(async () => {
    await keep();
    toast('Saved: the change is carried out now.');
    await refresh('/integrations', '/status', '/users');
  });
  const start = useAction(async () => {
    const ifMatch = await keep();
    await seeCollision(call('POST', `${path}/start`, { ifMatch }));
    toast('Started: the first full read runs.');
    await refresh('/integrations', '/status');
  });
  const error = save.error ?? start.error;
  if (!integration)
    return (
      <Card title="Preview">
        <p class="soft">Save the values in step 4 first; then you see here whom Muster would bring in.</p>
      </Card>
    );
  const isWrong = values.limitByGroup && (values.groupId === '' || sayOfField('groupId', values, now) !== null);
  const isSeen = seen?.of === of && !draft.outdated;
  return (
    <Card title={isDraft ? 'Preview and start' : 'Who gains, who loses'}>
      <div class="stack">
        {isWrong ? (
          <p class="soft">Enter the group’s Object ID first.</p>
        ) : (
          <p class="row">
            <ActionButton action={look} busy="Asking Microsoft …">
              {isDraft ? 'Show whom it brings in' : 'Show who gains and who loses'}
            </ActionButton>
            <span class="soft">Changes nothing.</span>
          </p>
        )}
        {look.error && <Failed error={look.error} />}
        {seen && isSeen && (
          <PreviewResult preview={seen.preview} userSync={values.userSync} isTurnedOff={isTurnedOff} />
        )}
        {draft.outdated && <DraftCollision catchUp={draft.catchUp} />}
        {seen && !isSeen && !draft.outdated && <Message level="remark">Changed since the preview: look again.</Message>}
        {isSeen && isDraft && (
          <p>
            <ActionButton action={start} kind="primary" busy="Starting …">
              Start
            </ActionButton>
          </p>
        )}
        {isSeen && !isDraft && isChanged && (
          <p>
            <ActionButton action={save} kind={seen.preview.lose.count > 0 ? 'danger' : 'primary'} busy="Saving …">
              {seen.preview.lose.count > 0
                ? toSaveLabel(seen.preview.lose.count, values.userSync || isTurnedOff ? 'access' : 'cover')
                : 'Save'}
            </ActionButton>
          </p>
        )}
        {isSeen && !isDraft && !isChanged && <p class="soft">This is how it is saved already.</p>}
        {error && error.status !== 412 && <Failed error={error} />}
      </div>
    </Card>
  );
}

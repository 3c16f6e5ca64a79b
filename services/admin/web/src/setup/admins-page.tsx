import { useState } from 'preact/hooks';
import type { TargetedSubmitEvent } from 'preact';
import { call, type Answer } from '../api/client.js';
import { refresh, useAnswer } from '../api/queries.js';
import type { TenantAdmins } from '../domain/api-types.js';
import { isSameAdmins, mergeAdmins, settleAdmins, toAdmins, type AdminsDraft } from '../domain/draft-state.js';
import { isGuid } from '../domain/setup-values.js';
import { ActionButton, useAction, useToast } from '../parts/actions.js';
import { Card, Failed, Load, Message } from '../parts/basics.js';
import { InputField } from '../parts/input-field.js';
import { Collision, seeCollision } from './collision.js';
import { IntegrationSubpage, useIntegration } from './integration-subpage.js';

/** Who of the tenant administers its integration: named people, or a group. */
export function AdminsPage() {
  const { integrationId, integration } = useIntegration();
  const path = `/integrations/${integrationId}/admins`;
  const admins = useAnswer<TenantAdmins>(path);
  const name = integration.data?.name ?? 'this tenant';
  return (
    <IntegrationSubpage
      title="Administrators"
      lead="Who of this tenant sees these pages and may change this integration. Operators see all integrations."
    >
      <Load query={admins}>{(answer) => <AdminsForm path={path} answer={answer} name={name} />}</Load>
    </IntegrationSubpage>
  );
}

/** Who it is now, in words. */
const toAdminsText = ({ people, groupId }: TenantAdmins): string =>
  [...people, ...(groupId === null ? [] : [`the group ${groupId}`])].join(', ') || 'nobody is named';

type FormProps = { path: string; answer: Answer<TenantAdmins>; name: string };

function AdminsForm({ path, answer: { body, etag }, name }: FormProps) {
  const toast = useToast();
  // What is typed, and what it was typed upon: another admin's save changes neither.
  const [typed, setTyped] = useState<AdminsDraft | null>(null);
  const { people, groupId, base } = typed ?? { people: body.people, groupId: body.groupId ?? '', base: body };
  const setPeople = (next: string[]): void => setTyped({ people: next, groupId, base });
  const setGroupId = (next: string): void => setTyped({ people, groupId: next, base });
  const wanted = toAdmins({ people, groupId });
  const isWrong = groupId.trim() !== '' && !isGuid(groupId);
  const isChanged = !isSameAdmins(wanted, body);
  const save = useAction(async () => {
    const saved = (await seeCollision(call<TenantAdmins>('PUT', path, { body: wanted, ifMatch: etag }))).body;
    toast('Saved: it counts from the next page that they open.');
    await refresh(path, '/integrations');
    // Not simply forgotten: somebody may have typed on meanwhile.
    setTyped((now) => now && settleAdmins(now, saved));
  });
  // Until one's own save is settled, what is read may be that.
  const isOutdated = !save.isRunning && !isSameAdmins(base, body);
  const bringTogether = (): void => {
    const merged = mergeAdmins(base, wanted, body);
    setTyped({ people: merged.people, groupId: merged.groupId ?? '', base: body });
  };
  const isNobody = people.length === 0 && groupId.trim() === '';
  return (
    <>
      <div class="columns">
        <PeopleCard people={people} setPeople={setPeople} />
        <Card title="A group">
          <div class="stack">
            <InputField
              id="admin-group"
              label="Object ID of the group"
              help="Everyone in it, nested groups included, is an administrator. Leave it empty for none."
              value={groupId}
              change={setGroupId}
              input={{ class: 'id', 'aria-invalid': isWrong, placeholder: '00000000-0000-0000-0000-000000000000' }}
            />
            {isWrong && <p class="said problem">Not an Object ID: it looks like 1b2c3d4e-… with four dashes.</p>}
          </div>
        </Card>
      </div>
      <Card>
        <div class="stack-s">
          {isNobody && (
            <Message level="remark">Nobody of {name} is an administrator: only operators look after it.</Message>
          )}
          <p class="soft">Administrators sign in with Microsoft and must be let in by the gate like everyone.</p>
          {isOutdated && isChanged && (
            <Collision
              text={`Somebody else saved meanwhile: ${toAdminsText(body)}. What you typed is kept.`}
              button="Bring both together"
              settle={bringTogether}
            />
          )}
          {(save.isRunning || (isChanged && !isOutdated && !isWrong)) && (
            <p>
              <ActionButton action={save} kind="primary" busy="Saving …">
                Save the administrators
              </ActionButton>
            </p>
          )}
          {save.error && !isOutdated && <Failed error={save.error} />}
        </div>
      </Card>
    </>
  );
}

type PeopleProps = { people: readonly string[]; setPeople: (people: string[]) => void };

function PeopleCard({ people, setPeople }: PeopleProps) {
  const [typed, setTyped] = useState('');
  const add = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const person = typed.trim();
    if (!people.includes(person)) setPeople([...people, person]);
    setTyped('');
  };
  return (
    <Card title="People">
      <div class="stack">
        <form class="stack-s" onSubmit={add}>
          <InputField
            id="admin-person"
            label="Sign-in name or Object ID"
            help="An Object ID stays when the sign-in name changes."
            value={typed}
            change={setTyped}
            input={{ required: true, minLength: 3, maxLength: 256, pattern: '[^\\s\\/]+' }}
          />
          <p>
            <button type="submit" class="button">
              Add
            </button>
          </p>
        </form>
        {people.length > 0 && (
          <ul class="list" aria-label="Administrators">
            {people.map((person) => (
              <li key={person} class="row">
                <span class="wrap">{isGuid(person) ? <code>{person}</code> : person}</span>
                <button
                  type="button"
                  class="button small push"
                  onClick={() => setPeople(people.filter((one) => one !== person))}
                >
                  Take off<span class="visually-hidden"> {person}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}

import type { ComponentChildren } from 'preact';
import type { ApiError } from '../api/client.js';
import type { Notice } from '../domain/api-types.js';
import { localizeInstants } from '../domain/format.js';
import type { Tone, Word } from '../domain/words.js';
import { noticePage } from '../pages/addresses.js';

type Children = { children: ComponentChildren };

export const Pill = ({ word }: { word: Word }) => <span class={`pill ${word.tone}`}>{word.text}</span>;

/** `about` is for screen readers: what tells it from another card of the same title. */
export type CardProps = Children & { title?: string; about?: string; id?: string; aside?: ComponentChildren };

/** A titled box; its title names the region for screen readers. */
export function Card({ title, about, id, aside, children }: CardProps) {
  const titleId =
    title === undefined ? undefined : (id ?? `card-${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`);
  return (
    <section class="card" aria-labelledby={titleId}>
      {title !== undefined && (
        <div class="card-head">
          <h2 id={titleId}>
            {title}
            {about !== undefined && <span class="visually-hidden">: {about}</span>}
          </h2>
          {aside !== undefined && <div class="push row">{aside}</div>}
        </div>
      )}
      <div>{children}</div>
    </section>
  );
}

export type TileProps = { label: string; value: ComponentChildren; note?: ComponentChildren; tone?: Tone };

export const Tiles = ({ label, tiles }: { label: string; tiles: readonly TileProps[] }) => (
  <dl class="tiles" aria-label={label}>
    {tiles.map((tile) => (
      <div key={tile.label} class={`tile ${tile.tone ?? ''}`}>
        <dt>{tile.label}</dt>
        <dd class="value">{tile.value}</dd>
        {tile.note !== undefined && <dd class="note">{tile.note}</dd>}
      </div>
    ))}
  </dl>
);

export type MessageProps = {
  level: 'problem' | 'remark' | 'good' | 'plain';
  title?: string;
  action?: ComponentChildren;
};

/** One thing to know. A problem is spoken at once by screen readers when it appears. */
export const Message = ({ level, title, action, children }: MessageProps & Children) => (
  <div class={`notice ${level}`} role={level === 'problem' ? 'alert' : undefined}>
    <div>
      {title !== undefined && <strong>{title} </strong>}
      {children}
    </div>
    {action}
  </div>
);

/** Problems first. */
const byLevel = (one: Notice, other: Notice): number =>
  Number(other.level === 'problem') - Number(one.level === 'problem');

export type NoticesProps = {
  notices: readonly Notice[];
  /** Null: about what all integrations share. */
  integrationId: string | null;
};

/** One sentence each, and one button where it is mended here. */
export const Notices = ({ notices, integrationId }: NoticesProps) =>
  notices.length === 0 ? null : (
    <ul class="stack-s" aria-label="What needs somebody">
      {notices.toSorted(byLevel).map(({ level, text, cure, page }) => (
        <li key={text} class={`notice ${level}`}>
          <div>
            <strong>{level === 'problem' ? 'Problem' : 'Note'}</strong> {localizeInstants(text)} {cure}
          </div>
          <NoticeLink page={page} integrationId={integrationId} about={text} />
        </li>
      ))}
    </ul>
  );

export type NoticeLinkProps = { page: string | undefined; integrationId: string | null; about: string };

export function NoticeLink({ page, integrationId, about }: NoticeLinkProps) {
  const link = noticePage(page, integrationId);
  return (
    link && (
      <a class="button small" href={link.href}>
        {link.text}
        <span class="visually-hidden">: {about}</span>
      </a>
    )
  );
}

export const Empty = ({ title, action, children }: { title: string; action?: ComponentChildren } & Children) => (
  <div class="empty">
    <h2>{title}</h2>
    <p>{children}</p>
    {action}
  </div>
);

export const Loading = ({ lines = 4 }: { lines?: number }) => (
  <div class="stack-s" role="status">
    <span class="visually-hidden">Loading</span>
    {Array.from({ length: lines }, (_, index) => (
      <div key={index} class="skeleton" />
    ))}
  </div>
);

/** What failed, in the service's own words, and a way on. */
export function Failed({ error, retry }: { error: ApiError; retry?: () => unknown }) {
  const isAway = error.status === 0 || error.status >= 500;
  const again = retry && (
    <button type="button" class="button small" onClick={() => void retry()}>
      Try again
    </button>
  );
  return (
    <Message level="problem" title={isAway ? 'A service is missing.' : 'This did not work.'} action={again}>
      {error.detail}
      {error.problems.map(({ field, problem, cure }) => (
        <span key={field}>
          {' '}
          <code>{field}</code> {problem}. {cure}
        </span>
      ))}
    </Message>
  );
}

export type Loaded<T> = {
  query: { data: T | undefined; error: ApiError | null; refetch: () => unknown };
  children: (data: T) => ComponentChildren;
  lines?: number;
};

/** Loading, failed or there. What was there stays, with the failure said above it. */
export function Load<T>({ query, children, lines }: Loaded<T>) {
  const { data, error, refetch } = query;
  if (data === undefined) return error ? <Failed error={error} retry={refetch} /> : <Loading lines={lines ?? 4} />;
  return (
    <>
      {error && (
        <p class="said problem" role="alert">
          Not up to date: {error.detail}
        </p>
      )}
      {children(data)}
    </>
  );
}

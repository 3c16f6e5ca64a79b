import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { useContext, useEffect, useState } from 'preact/hooks';
import { LiveContext } from './api/live.js';
import { endSession } from './api/session.js';
import { ActionButton, useAction } from './parts/actions.js';
import { useNow } from './parts/clock.js';
import { useScope } from './parts/scope.js';
import { ThemeSwitch } from './parts/theme-switch.js';
import { formatAge } from './domain/format.js';
import { INTEGRATIONS } from './pages/addresses.js';

type Entry = { href: string; text: string; count?: number; operatorOnly?: boolean };

/** Navigation beside the page; below 1000 px behind a button. */
export function Shell({ children }: { children: ComponentChildren }) {
  const { path } = useLocation();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <div class="shell">
        <header class="chrome">
          <div class="topbar">
            <Brand />
            <button
              type="button"
              class="button small push"
              aria-expanded={isOpen}
              aria-controls="side"
              onClick={() => setOpen(!isOpen)}
            >
              {isOpen ? 'Close' : 'Menu'}
            </button>
          </div>
          <div id="side" class={`side ${isOpen ? 'open' : ''}`}>
            <Brand />
            <Navigation path={path} />
            <Foot />
          </div>
        </header>
        <main id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
    </>
  );
}

export const Brand = () => (
  <a class="brand" href="/">
    <img src="/mark.svg" alt="" width="22" height="22" />
    Muster
  </a>
);

function Navigation({ path }: { path: string }) {
  const { isOperator, status } = useScope();
  const plans = status.data?.integrations.reduce((sum, { plansWaiting }) => sum + plansWaiting, 0) ?? 0;
  const deadLetters = status.data?.pipeline.deadLettersOpen ?? 0;
  const directory: Entry[] = [
    { href: '/', text: 'Overview' },
    { href: '/people', text: 'People' },
    { href: '/reconciles', text: 'Reconciles', count: plans },
  ];
  const pipeline: Entry[] = [
    { href: '/lag', text: 'Lag' },
    { href: '/subscriptions', text: 'Subscriptions' },
    { href: '/dead-letters', text: 'Dead letters', count: deadLetters, operatorOnly: true },
    { href: '/alerts', text: 'Alerts' },
  ];
  const settings: Entry[] = [
    { href: INTEGRATIONS, text: 'Integrations' },
    { href: '/settings/keys', text: 'API keys', operatorOnly: true },
    { href: '/audit', text: 'Audit' },
  ];
  const isHere = (href: string): boolean =>
    href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);
  const group = (title: string, entries: Entry[]) => (
    <div key={title}>
      <p class="nav-title" id={`nav-${title}`}>
        {title}
      </p>
      <ul aria-labelledby={`nav-${title}`}>
        {entries
          .filter(({ operatorOnly = false }) => isOperator || !operatorOnly)
          .map(({ href, text, count = 0 }) => (
            <li key={href}>
              <a href={href} aria-current={isHere(href) ? 'page' : undefined}>
                {text}
                {count > 0 && (
                  <span class="count">
                    {count}
                    <span class="visually-hidden"> to look at</span>
                  </span>
                )}
              </a>
            </li>
          ))}
      </ul>
    </div>
  );
  return (
    <nav class="nav" aria-label="Main">
      {group('Directory', directory)}
      {group('Pipeline', pipeline)}
      {group('Settings', settings)}
    </nav>
  );
}

function Foot() {
  const { session } = useScope();
  const leave = useAction(endSession);
  return (
    <div class="side-foot">
      <LiveSign />
      <ThemeSwitch />
      <div class="row">
        <a class="small" href="/me">
          {session.name ?? 'Who am I?'}
        </a>
        <span class="push">
          <ActionButton action={leave} kind="quiet" small busy="Signing out …">
            Sign out
          </ActionButton>
        </span>
      </div>
    </div>
  );
}

/** Old figures look like good ones: whether they still move is always to be seen. */
function LiveSign() {
  const isLive = useContext(LiveContext);
  const now = useNow();
  const { status } = useScope();
  const age = status.dataUpdatedAt === 0 ? null : now.getTime() - status.dataUpdatedAt;
  const isAway = status.error !== null;
  const text = isAway ? 'No connection' : isLive ? 'Live' : 'Updated';
  return (
    <p class={`live ${isAway ? 'away' : ''}`}>
      {text}
      {age !== null && (isAway || !isLive) && ` · ${formatAge(Math.max(0, age))} ago`}
    </p>
  );
}

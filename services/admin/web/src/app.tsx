import { useState } from 'preact/hooks';
import { LiveContext, useStream } from './api/live.js';
import { endSession, useSession, type Session } from './api/session.js';
import { ActionButton, ToastContext, useAction } from './parts/actions.js';
import { Failed, Loading } from './parts/basics.js';
import { ClockContext, useTicking } from './parts/clock.js';
import { ScopeProvider } from './parts/scope.js';
import { ThemeSwitch } from './parts/theme-switch.js';
import { Me } from './pages/me-page.js';
import { SignInPage } from './pages/sign-in-page.js';
import { Pages } from './pages/index.js';
import { Brand, Shell } from './shell.js';

const TOAST_MS = 4_000;

/** Signed out: the way in. Signed in: the shell around the page that the address names. */
export function App() {
  const session = useSession();
  const now = useTicking();
  const [said, say] = useToastText();
  return (
    <ClockContext.Provider value={now}>
      <ToastContext.Provider value={say}>
        <Inside session={session} />
        <div class="toast" role="status">
          {said && <span key={said.turn}>{said.text}</span>}
        </div>
      </ToastContext.Provider>
    </ClockContext.Provider>
  );
}

function Inside({ session }: { session: ReturnType<typeof useSession> }) {
  if (!session.data) return <Outside session={session} />;
  return session.data.role === 'member' ? <Member session={session.data} /> : <SignedIn session={session.data} />;
}

function Outside({ session: { data, error, refetch } }: { session: ReturnType<typeof useSession> }) {
  if (data === null) return <SignInPage />;
  return <main class="gate-page">{error ? <Failed error={error} retry={refetch} /> : <Loading />}</main>;
}

/** A member of a tenant: who they are, why they may enter, and the way out. */
function Member({ session }: { session: Session }) {
  const leave = useAction(endSession);
  // Tells at once when the session is cut.
  useStream(true);
  return (
    <main class="gate-page wide stack" id="main">
      <Brand />
      <Me session={session} />
      <div class="row">
        <ThemeSwitch />
        <span class="push">
          <ActionButton action={leave} busy="Signing out …">
            Sign out
          </ActionButton>
        </span>
      </div>
    </main>
  );
}

function SignedIn({ session }: { session: Session }) {
  const isLive = useStream(true);
  return (
    <LiveContext.Provider value={isLive}>
      <ScopeProvider session={session}>
        <Shell>
          <Pages />
        </Shell>
      </ScopeProvider>
    </LiveContext.Provider>
  );
}

/** Each is said for the same time, also the same words again, which are a new element for screen readers then. */
function useToastText(): [{ text: string; turn: number } | null, (text: string) => void] {
  const [said, setSaid] = useState<{ text: string; turn: number } | null>(null);
  const say = (text: string): void => {
    const turn = performance.now();
    setSaid({ text, turn });
    setTimeout(() => setSaid((current) => (current?.turn === turn ? null : current)), TOAST_MS);
  };
  return [said, say];
}

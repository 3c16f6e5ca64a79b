import { useState } from 'preact/hooks';

const KEY = 'muster-theme';
const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

function readTheme(): Theme {
  const chosen = document.documentElement.dataset.theme;
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}

function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Storage may be forbidden: then the choice holds for this page.
  }
}

/** The system's theme, or one of one's own; static/theme.js applies it before the first paint. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState(readTheme);
  return (
    <div class="segments" role="group" aria-label="Theme">
      {THEMES.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={theme === one}
          onClick={() => {
            applyTheme(one);
            setTheme(one);
          }}
        >
          {one === 'system' ? 'Auto' : one === 'light' ? 'Light' : 'Dark'}
        </button>
      ))}
    </div>
  );
}

// Before the first paint, so that a chosen theme does not flash. The key is the same in src/parts/theme-switch.tsx.
try {
  const theme = globalThis.localStorage.getItem('muster-theme');
  if (theme === 'light' || theme === 'dark') globalThis.document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden: then the system's own theme holds.
}

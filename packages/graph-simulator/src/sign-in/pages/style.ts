/** The one style sheet of the pages. Colours differ by scheme; everything else is shared. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f4f1ea; --sheet: #fffdf9; --ink: #1d1b26; --soft: #625d6e; --line: #ddd6c9; --hover: #f3eee3;
  --accent: #4a2fbd; --accent-ink: #fff; --accent-wash: #ece8fb; --warn: #8f3a14; --warn-wash: #fbe9df;
  --tape-a: #f2b632; --tape-b: #1d1b26; --shadow: 0 1px 2px #1d1b2614, 0 18px 50px -24px #1d1b2640;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #121118; --sheet: #1b1a23; --ink: #f1eef7; --soft: #a8a2b6; --line: #35323f; --hover: #25232f;
    --accent: #b3a3ff; --accent-ink: #191530; --accent-wash: #2b2547; --warn: #ffb08c; --warn-wash: #40261a;
    --tape-a: #d69a1c; --tape-b: #24222d; --shadow: 0 0 0 1px #35323f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; display: flex; flex-direction: column; align-items: center;
  background: var(--paper); color: var(--ink); font: 16px/1.5 'Segoe UI Variable Text', 'Segoe UI', -apple-system,
  'Noto Sans', 'Liberation Sans', system-ui, sans-serif;
}
main { flex: none; }
.tape {
  width: 100%; height: 6px; flex: none;
  background: repeating-linear-gradient(-45deg, var(--tape-a) 0 14px, var(--tape-b) 14px 28px);
}
.sheet {
  width: min(100%, 31rem); margin: clamp(1.5rem, 7vh, 4.5rem) auto auto; padding: 1.75rem 2.25rem 2.25rem; background: var(--sheet);
  border-radius: 14px; box-shadow: var(--shadow);
}
.brand { display: flex; align-items: center; gap: .75rem; padding-bottom: 1.1rem; margin-bottom: 1.6rem;
  border-bottom: 1px solid var(--line); }
.brand p { margin: 0; line-height: 1.25; font-size: .9rem; }
.brand strong { display: block; font-weight: 650; letter-spacing: -.005em; }
.brand span { color: var(--soft); font-size: .8rem; }
.brand .tenant { margin-left: auto; text-align: right; color: var(--soft); font-size: .85rem; max-width: 11rem;
  overflow-wrap: anywhere; }
.mark { flex: none; color: var(--ink); }
.needle { fill: var(--accent); }
h1 { margin: 0 0 .35rem; font-size: 1.55rem; line-height: 1.2; font-weight: 650; letter-spacing: -.018em;
  text-wrap: balance; }
h2 { margin: 1.4rem 0 .4rem; font-size: .8rem; font-weight: 600; color: var(--soft); letter-spacing: .02em; }
.lead { margin: 0 0 1.25rem; color: var(--soft); }
.lead b { color: var(--ink); font-weight: 600; }
a { color: var(--accent); text-underline-offset: 3px; }
:focus-visible { outline: 2.5px solid var(--accent); outline-offset: 2px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
button, input { font: inherit; color: inherit; }
button { cursor: pointer; }
.search { display: flex; gap: .5rem; margin-bottom: .75rem; }
.search input { flex: 1; min-width: 0; padding: .6rem .8rem; border: 1px solid var(--line); border-radius: 9px;
  background: var(--paper); }
.search input::placeholder { color: var(--soft); opacity: 1; }
.main, .quiet { padding: .6rem 1.15rem; border-radius: 9px; border: 1px solid transparent; font-weight: 600; }
.main { background: var(--accent); color: var(--accent-ink); }
.main:hover { filter: brightness(1.08); }
.quiet { background: transparent; border-color: var(--line); }
.quiet:hover { background: var(--hover); }
.link { border: 0; background: none; padding: .35rem .25rem; color: var(--accent); text-decoration: underline;
  text-underline-offset: 3px; }
.people, .permissions { list-style: none; margin: 0; padding: 0; }
.people { margin-inline: -.75rem; }
.person { display: flex; align-items: center; gap: .85rem; width: 100%; padding: .6rem .75rem; border: 0;
  border-radius: 10px; background: none; text-align: start; }
.person:hover { background: var(--hover); }
.avatar { flex: none; display: grid; place-items: center; width: 2.5rem; height: 2.5rem; border-radius: 50%;
  font-size: .85rem; font-weight: 650; color: #fff; }
.hue-0 { background: #3d5a98; } .hue-1 { background: #7a3e78; } .hue-2 { background: #2f6b5b; }
.hue-3 { background: #9a4b2e; } .hue-4 { background: #5b4bb0; } .hue-5 { background: #6b5a2a; }
.who { flex: 1; min-width: 0; display: grid; justify-items: start; line-height: 1.35; }
.named { display: flex; flex-wrap: wrap; align-items: center; gap: .1rem .5rem; max-width: 100%; }
.who b { font-weight: 600; overflow-wrap: anywhere; }
.upn { font-size: .84rem; color: var(--soft); overflow-wrap: anywhere; }
.badge { padding: .1rem .5rem; border-radius: 99px; background: var(--hover); color: var(--soft); font-size: .74rem;
  font-weight: 600; white-space: nowrap; }
.badge.accent { background: var(--accent-wash); color: var(--accent); }
.badge.warn { background: var(--warn-wash); color: var(--warn); }
.pager { display: flex; justify-content: space-between; margin-top: .75rem; font-size: .9rem; }
.empty { padding: 1.25rem; border: 1px dashed var(--line); border-radius: 10px; color: var(--soft);
  overflow-wrap: anywhere; }
.chip { display: flex; align-items: center; gap: .75rem; margin: -.25rem 0 1.4rem; padding: .5rem .75rem .5rem .5rem;
  border: 1px solid var(--line); border-radius: 12px; }
.permissions { border-top: 1px solid var(--line); }
.permissions li { border-bottom: 1px solid var(--line); }
summary { display: flex; align-items: center; gap: .6rem; padding: .65rem .1rem; cursor: pointer; list-style: none;
  border-radius: 6px; }
summary::-webkit-details-marker { display: none; }
summary::before { content: ''; flex: none; width: .45rem; height: .45rem; margin-right: .15rem;
  border: solid var(--soft); border-width: 0 1.8px 1.8px 0; transform: rotate(-45deg); }
details[open] summary::before { transform: rotate(45deg); }
summary:hover .what { text-decoration: underline; text-underline-offset: 3px; }
.what { flex: 1; font-weight: 500; }
details p { margin: 0; padding: 0 0 .8rem 1.3rem; color: var(--soft); font-size: .9rem; }
code { font: .82em ui-monospace, 'Cascadia Mono', 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere; }
details code { display: block; margin-top: .25rem; }
.decision { margin-top: 1.25rem; }
.check { display: flex; gap: .7rem; align-items: flex-start; padding: .75rem .85rem; border-radius: 10px;
  background: var(--accent-wash); font-size: .92rem; }
.check input { flex: none; width: 1.1rem; height: 1.1rem; margin: .15rem 0 0; accent-color: var(--accent); }
.fine { margin: 1rem 0 0; font-size: .84rem; color: var(--soft); overflow-wrap: anywhere; }
.fine b { color: var(--ink); font-weight: 600; }
.actions { display: flex; flex-wrap: wrap; gap: .6rem; justify-content: flex-end; margin-top: 1.25rem; }
.code { text-align: right; }
.ids { margin: 1.5rem 0 0; padding-top: 1rem; border-top: 1px solid var(--line); font-size: .8rem; color: var(--soft); }
.ids div { display: flex; gap: .75rem; } .ids dt { flex: none; width: 5.5rem; } .ids dd { margin: 0;
  font-family: ui-monospace, 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere; }
.foot { margin-top: 1.25rem; padding: 1.25rem; text-align: center; color: var(--soft); font-size: .8rem; }
.foot p { margin: 0; text-wrap: balance; }
@media (max-width: 34rem) {
  .foot { margin-top: 0; }
  .sheet { margin: 0; flex: 1 0 auto; border-radius: 0; box-shadow: none; padding: 1.25rem 1.25rem 1.75rem; }
  .brand { margin-bottom: 1.25rem; }
  .decision .actions > * { flex: 1; }
}
`;

/** Sends the answer of `response_mode=form_post`; the only script there is. */
export const SEND_SCRIPT = "document.getElementById('answer').submit();\n";

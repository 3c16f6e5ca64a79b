// Keeps the page current without losing the place: fetches it again and puts the new content in.
const { document, fetch, setInterval, location, DOMParser } = globalThis;
const EVERY_MS = 5_000;
const KEPT = ['main', '#updated'];

async function refresh() {
  if (document.hidden) return;
  let response;
  try {
    response = await fetch(location.href, { headers: { Accept: 'text/html' }, cache: 'no-store' });
  } catch {
    document.body.classList.add('stale');
    return;
  }
  if (response.status === 401) {
    location.reload();
    return;
  }
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  for (const selector of KEPT) {
    const [old, fresh] = [document.querySelector(selector), page.querySelector(selector)];
    if (!old !== !fresh) {
      location.reload();
      return;
    }
    if (old && fresh) old.replaceChildren(...fresh.childNodes);
  }
  document.title = page.title;
  document.body.classList.remove('stale');
}

setInterval(() => void refresh(), EVERY_MS);
document.addEventListener('visibilitychange', () => void refresh());

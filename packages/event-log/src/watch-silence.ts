const LOOK_EVERY_MS = 1_000;
/** In a row: a process that was stopped for long and goes on beats before the last of them. */
const LOOKS = 4;

/** Tells when it has been silent for several looks, and again after as many more. Answers what ends the watch. */
export function watchSilence(isSilent: () => boolean, onSilent: () => void): () => void {
  let looks = 0;
  const timer = setInterval(() => {
    looks = isSilent() ? looks + 1 : 0;
    if (looks < LOOKS) return;
    looks = 0;
    onSilent();
  }, LOOK_EVERY_MS).unref();
  return () => clearInterval(timer);
}

// Which classes have the keys 1 to 9: the first nine, until others are used. A class without a key that is used takes that of the one
// used longest ago and keeps it, so that fingers can learn it; one that is pinned to a key keeps that for good. Kept in this browser
// for each dataset.
const KEYS = 9;
const KEPT = `synset_keyed_${document.querySelector("[data-keys-of]")?.dataset.keysOf ?? location.pathname.split("/")[2]}`; // pages of a dataset have its id there

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT));
    return Array.isArray(found) ? found.filter((slot) => typeof slot?.label === "string" && Number.isFinite(slot.used)) : [];
  } catch {
    return []; // written by another program, or not allowed
  }
}

function keep(found) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(found));
  } catch { /* the keys stay as they are */ }
}

/** [{label, used, pinned}] in the order of the keys, of the classes that there are. */
function slots(labels) {
  const there = new Set(labels);
  const found = kept().filter(({ label }) => there.has(label)).slice(0, KEYS);
  const has = new Set(found.map(({ label }) => label));
  const others = labels.filter((label) => !has.has(label)).slice(0, KEYS - found.length);
  return [...found, ...others.map((label) => ({ label, used: 0 }))];
}

/** The labels that have the keys 1, 2, …, of those that there are. */
export function keyed(labels) {
  return slots(labels).map(({ label }) => label);
}

/** Whether that class keeps its key, whatever else is used. */
export function isPinned(label) {
  return kept().some((slot) => slot.label === label && slot.pinned === true);
}

/** That class has that key from now on, for good or (on false) until others are used; what had it takes the key that it had. */
export function pin(place, label, labels, on) {
  const found = slots(labels);
  const was = found.findIndex((slot) => slot.label === label);
  const displaced = found[place];
  if (was >= 0) found[was] = displaced ?? found[was];
  found[Math.min(place, found.length)] = { label, used: Date.now(), pinned: on };
  keep(found);
}

/** Somebody labelled with that class. */
export function used(label, labels) {
  const now = { label, used: Date.now() };
  const found = slots(labels);
  const at = found.findIndex((slot) => slot.label === label);
  const longest = Math.min(...found.filter((slot) => !slot.pinned).map((slot) => slot.used));
  const free = found.findLastIndex((slot) => !slot.pinned && slot.used === longest);
  if (at >= 0) found[at].used = now.used;
  else if (found.length < KEYS) found.push(now);
  else if (free >= 0) found[free] = now;
  keep(found);
}

/** The label that was typed, of [label, name]: exactly, whatever its case, or a part that one of them alone has; null for none. */
export function typed(words, known) {
  const text = words.trim().toLowerCase();
  if (!text) return null;
  const names = known.map(([label, name]) => [label, [label, name].map((one) => one.toLowerCase())]);
  const exact = known.find(([label]) => label === words.trim()) ?? names.find(([, each]) => each.includes(text));
  if (exact) return exact[0];
  for (const fits of [(one) => one.startsWith(text), (one) => one.includes(text)]) {
    const found = names.filter(([, each]) => each.some(fits));
    if (found.length) return found.length === 1 ? found[0][0] : null;
  }
  return null;
}

// [data-asks-again]: the button "Try again" beside why there is no answer yet, most often that the worker is only just starting. It
// presses itself while it is seen, after pauses that get longer, and says so in [data-asks-words]; after some minutes it waits for the
// reader. [data-asked] is the part that its answers come into, [data-asked-error] the sentence. Whoever puts an answer there without
// htmx says "synset:asked" and "synset:answered" on the part.
const FIRST_MS = 2_000;
const LONGEST_MS = 30_000;
const TIMES = 1.5; // as long as the pause before
const ENOUGH_MS = 5 * 60_000; // of pauses
const waits = new WeakMap(); // part → {pause, past, timer, isOwn: whether it pressed the button}
const late = new Set(); // parts that would ask again, but are not seen

const buttonOf = (part) => part.querySelector("[data-asks-again]");
const errors = (root) => [...root.querySelectorAll("[data-asked-error]")].map((one) => one.textContent.trim()).join("\n");

function say(part, words) {
  for (const line of part.querySelectorAll("[data-asks-words]")) line.textContent = words;
}

/** Nobody is asked for who looks elsewhere, or types what is to be asked. */
const isSeen = (button) => !document.hidden && button.checkVisibility() && !button.form?.hasAttribute("data-unapplied");

function press(part) {
  const button = buttonOf(part);
  if (!button) return;
  if (!isSeen(button)) {
    late.add(part);
    return;
  }
  waits.get(part).isOwn = true;
  say(part, "Asking again…");
  button.click();
}

function pressLate() {
  const due = [...late];
  late.clear();
  for (const part of due) if (part.isConnected) press(part);
}

/** Something else is asked for: that answer is waited for. */
function asked(part) {
  clearTimeout(waits.get(part)?.timer);
  late.delete(part);
}

/** After each answer: where it says that there is none yet, another try is due. */
function answered(part) {
  const before = waits.get(part);
  asked(part);
  waits.delete(part);
  if (!buttonOf(part)) return;
  const pause = before ? Math.min(LONGEST_MS, TIMES * before.pause) : FIRST_MS;
  const past = (before?.past ?? 0) + pause;
  if (past > ENOUGH_MS) return say(part, `Asked again for ${ENOUGH_MS / 60_000} minutes; now it waits for the button.`);
  say(part, `Asks again by itself in ${Math.round(pause / 1000)} s.`);
  waits.set(part, { pause, past, isOwn: false, timer: setTimeout(press, pause, part) });
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!waits.get(detail.target)?.isOwn) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = detail.serverResponse;
  const said = errors(fresh.content);
  if (said && said === errors(detail.target)) detail.shouldSwap = false; // nothing new: it would be read out each time
});
const ofPart = (act) => ({ detail }) => { if (detail.target?.matches?.("[data-asked]")) act(detail.target); };
document.addEventListener("htmx:beforeSend", ofPart(asked));
document.addEventListener("htmx:afterRequest", ofPart(answered));
document.addEventListener("synset:asked", ({ target }) => asked(target));
document.addEventListener("synset:answered", ({ target }) => answered(target));
document.addEventListener("click", (event) => { // a reader who presses it begins anew
  const part = event.isTrusted && event.target.closest("[data-asks-again]")?.closest("[data-asked]");
  if (!part) return;
  asked(part);
  waits.delete(part);
}, true);
document.addEventListener("visibilitychange", () => { if (!document.hidden) pressLate(); });
document.addEventListener("change", pressLate);
document.addEventListener("synset:settled", pressLate);
for (const part of document.querySelectorAll("[data-asked]")) answered(part); // what came before this script

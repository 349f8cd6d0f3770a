// Parts that wait for their job; tables; and a report's page, which shows what others change in it:
// each nudge of the team asks whether the report moved. What somebody types is never replaced.
import "./tables.js";
import "./waits.js";
import { ask, Refused } from "./ask.js";
import { restoreDrafts } from "./drafts.js";
import { alike, renew } from "./parts.js";

const live = document.querySelector("[data-live-url]");
const isWritten = (element) => element.querySelector("details[open]") !== null;

/** A list whose items have ids that rise: new ones come in, changed ones are replaced, missing ones go; one that is written in stays,
    and so do those before the first one, of which the server said nothing. */
function merge(list, fresh) {
  const wanted = new Map([...fresh.children].map((item) => [item.id, item]));
  const first = fresh.firstElementChild?.id ?? "";
  for (const item of [...list.children]) {
    const other = wanted.get(item.id);
    if (!other && item.id >= first && !isWritten(item)) item.remove();
    else if (other && !isWritten(item) && !alike(other.outerHTML, item.outerHTML)) item.replaceWith(other.cloneNode(true));
  }
  for (const item of wanted.values()) if (!document.getElementById(item.id)) list.append(item.cloneNode(true));
}

function show(part, fresh) {
  if (part.dataset.part === "list") merge(part, fresh);
  else if (!isWritten(part)) renew(part, fresh);
}

/** Says it beside a form that is open for words which somebody else has saved over meanwhile. */
function warnWriter(fresh) {
  const begun = live.querySelector("[name=revision]")?.value;
  const now = fresh.querySelector("[name=revision]")?.value;
  const warning = document.getElementById("edited-meanwhile");
  if (warning && now) warning.hidden = begun === now;
}

let asking = false;
let again = false;
async function refresh() {
  if (asking) { again = true; return; }
  asking = true;
  try {
    const answer = await ask(`${live.dataset.liveUrl}?moves=${live.dataset.moves}`); // who asks for HTML is led to the whole report
    if (answer.status !== 200) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-part]")) {
      const other = fresh.querySelector(`[data-part][data-of="${part.dataset.of}"]`);
      if (other) show(part, other);
    }
    warnWriter(fresh);
    document.getElementById("blocks-changed").hidden = fresh.querySelector("[data-blocks]").dataset.blocks === live.dataset.blocks;
    live.dataset.moves = fresh.querySelector("[data-moves]").dataset.moves;
    restoreDrafts(live);
  } catch (error) {
    console.warn("live", error); // the next nudge asks again; who was signed out has been told
  } finally {
    asking = false;
    if (again) { again = false; refresh(); }
  }
}

function trouble(form, words) {
  const place = form.querySelector("[data-trouble]");
  place.textContent = words;
  place.className = "field__error";
  form.querySelector("textarea")?.setAttribute("aria-invalid", "true");
}

/** A form that changes a part of this page: sent by script, so that nothing else on the page is lost. */
async function send(form, submitter) {
  const body = new FormData(form);
  submitter.disabled = true;
  try {
    const answer = await ask(submitter.getAttribute("formaction") || form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.status === 422) return trouble(form, Object.values((await answer.json()).errors)[0]);
    if (!answer.ok) return trouble(form, answer.status === 404 ? "It is not there any more. Reload the page." : `The server answered ${answer.status}. Try again.`);
    form.dispatchEvent(new Event("synset:sent", { bubbles: true }));
    form.closest("details")?.removeAttribute("open");
    form.reset();
    await refresh();
  } catch (error) {
    trouble(form, `${error instanceof Refused ? error.message : "The server cannot be reached."} What you wrote is kept.`);
  } finally {
    submitter.disabled = false;
  }
}

/** Write or Preview, for the text field beside it; the server shows what it would become. */
function turn(button) {
  const box = button.closest("[data-preview-box]");
  const text = box.querySelector("textarea");
  const shown = box.querySelector("[data-preview]");
  const previews = button.dataset.mode === "preview";
  for (const other of box.querySelectorAll("[data-mode]")) other.setAttribute("aria-pressed", String(other === button));
  text.hidden = previews;
  shown.hidden = !previews;
  if (!previews) return text.focus();
  shown.style.minHeight = `${Math.max(shown.offsetHeight, 84)}px`;
  window.htmx.ajax("POST", box.dataset.previewUrl, { target: shown, swap: "innerHTML", values: { text: text.value } });
}

if (live?.dataset.pageUrl) history.replaceState(null, "", live.dataset.pageUrl); // to reload the page sends no form again, and a login leads back here
if (live) {
  document.body.addEventListener("synset:nudge", refresh);
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-quiet]");
    if (!form) return;
    event.preventDefault();
    send(form, event.submitter);
  });
  document.addEventListener("click", (event) => {
    const mode = event.target.closest("[data-mode]");
    if (mode) turn(mode);
    const close = event.target.closest("[data-fold-close]");
    if (close) { close.closest("details").open = false; refresh(); }
  });
}

// form[data-draft]: what somebody types into it is kept in this tab until the server took it, and put back when the form is shown
// again, after a login in between too. The key names the person and the form's address; a draft of somebody else goes.
// input[data-draft-with]: a hidden value that belongs to the text, such as the revision it began from; it is kept and put back
// along with it, so that the server still tells who saves over somebody else.
//
// A form that is sent carries its draft's id as `draft`; an answer that took it names that id in a cookie. A script that sends
// a form itself dispatches "synset:sent" on it.

const PREFIX = "draft ";
export const PUT_BACK = "put back"; // the detail of an input that nobody typed
const COOKIE = "synset_taken";
const UNTYPED = new Set(["hidden", "password", "file", "submit", "button", "reset", "image"]);
const person = document.body.dataset.person;

const keyOf = (form) => `${PREFIX}${person} ${new URL(form.action).pathname}${location.search}`;
const fieldsOf = (form) => [...form.elements].filter((field) => field.name && !UNTYPED.has(field.type));
const companions = (form) => [...form.querySelectorAll("[data-draft-with]")];
const valueOf = (field) => (field.type === "checkbox" ? String(field.checked) : field.value);

/** What the server sent the field with. */
function sentOf(field) {
  if (field.type === "checkbox") return String(field.defaultChecked);
  if (field.options) return [...field.options].find((option) => option.defaultSelected)?.value ?? field.options[0]?.value ?? "";
  return field.defaultValue;
}

function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch { // no storage here, or not ours
    return null;
  }
}

function write(key, draft) {
  try {
    sessionStorage.setItem(key, JSON.stringify(draft));
  } catch (error) {
    console.warn("draft", error); // storage is full or forbidden: the page works as it does without
  }
}

function remove(wanted) {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX) && wanted(key)) sessionStorage.removeItem(key);
}

function keep(form) {
  const key = keyOf(form);
  const before = read(key);
  const fields = {};
  for (const field of fieldsOf(form)) {
    const known = before?.fields[field.name];
    if (valueOf(field) !== sentOf(field) || known?.text === valueOf(field)) fields[field.name] = { text: valueOf(field), base: known?.base ?? sentOf(field) };
  }
  const beside = Object.fromEntries(companions(form).map((field) => [field.name, field.value]));
  if (Object.keys(fields).length) write(key, { id: before?.id ?? crypto.getRandomValues(new Uint32Array(4)).join("-"), fields, with: beside });
  else sessionStorage.removeItem(key);
}

function put(field, text) {
  if (field.type === "checkbox") field.checked = text === "true";
  else field.value = text;
}

function tell(form, isNewer, discard) {
  const box = document.createElement("div");
  box.className = isNewer ? "notice notice--warn" : "notice";
  box.dataset.draftNotice = "";
  box.setAttribute("role", "status");
  const words = document.createElement("p");
  words.className = "notice__words";
  words.textContent = isNewer
    ? "Your unsaved text was put back. What is saved on the server has changed since you wrote it; discard yours to see that."
    : "Your unsaved text was put back.";
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "button button--small", textContent: "Discard" });
  button.addEventListener("click", () => { box.remove(); discard(); });
  box.append(words, button);
  form.prepend(box);
}

function restore(form) {
  const draft = read(keyOf(form));
  const changed = fieldsOf(form).filter((field) => draft?.fields[field.name] && draft.fields[field.name].text !== valueOf(field));
  if (!changed.length || form.querySelector("[data-draft-notice]")) return;
  const began = companions(form).map((field) => [field, field.value]);
  const isNewer = changed.some((field) => draft.fields[field.name].base !== sentOf(field)) || began.some(([field, now]) => (draft.with[field.name] ?? now) !== now);
  for (const field of changed) put(field, draft.fields[field.name].text);
  for (const [field, now] of began) field.value = draft.with[field.name] ?? now;
  form.closest("details")?.setAttribute("open", "");
  tell(form, isNewer, () => {
    form.reset();
    for (const [field, now] of began) field.value = now;
    sessionStorage.removeItem(keyOf(form));
    form.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: PUT_BACK }));
  });
  for (const field of changed) field.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: PUT_BACK })); // whoever follows the field
}

/** The forms under that element get back what was typed into them. */
export function restoreDrafts(within = document) {
  if (person) within.querySelectorAll("form[data-draft]").forEach(restore);
}

/** Ends the draft that the answer before this page took, and those of other people. */
function sweep() {
  const taken = document.cookie.split("; ").find((part) => part.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
  if (taken) document.cookie = `${COOKIE}=; path=/; max-age=0; samesite=lax`;
  remove((key) => !key.startsWith(`${PREFIX}${person} `) || (taken && read(key)?.id === taken));
}

/** Gives the form its draft's id to carry. */
function mark(form) {
  keep(form);
  const draft = read(keyOf(form));
  form.querySelector("input[name=draft]")?.remove();
  if (!draft) return;
  const field = Object.assign(document.createElement("input"), { type: "hidden", name: "draft", value: draft.id });
  form.append(field);
}

export function startDrafts() {
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-sign-out]")) remove(() => true);
    else if (person && event.target.matches("[data-draft]")) mark(event.target);
  }, true);
  if (!person) return; // the login: what was typed waits for who comes back
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (form) keep(form);
  });
  document.addEventListener("synset:sent", (event) => {
    sessionStorage.removeItem(keyOf(event.target));
    event.target.querySelector("[data-draft-notice]")?.remove();
  });
  document.addEventListener("htmx:afterSettle", (event) => restoreDrafts(event.detail.elt));
  sweep();
  if (document.readyState === "complete") restoreDrafts();
  else addEventListener("DOMContentLoaded", () => restoreDrafts()); // once the page's own scripts listen
}

// form[data-progress]: sends its one file with a bar and the time left, then goes where the answer says; what is wrong stands at its
// field. Without this script the form works as a plain one.
import { isRefused } from "./ask.js";
import { ofThisTeam } from "./team.js";
import { toast } from "./toast.js";
import { bytes, duration } from "./words.js";

const LOST = "The connection was lost before all of it had come, so nothing was kept. Send it again.";
const warn = (event) => event.preventDefault();

/** The answer of the form's address: {status, body}, body without content where it is no JSON. */
function sent(form, progressed) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    for (const [name, value] of Object.entries(ofThisTeam({ Accept: "application/json" }))) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => progressed(event.loaded, event.total));
    request.addEventListener("load", () => resolve({ request, status: request.status, body: request.response ?? {} }));
    for (const end of ["error", "abort"]) request.addEventListener(end, () => reject(new Error(LOST)));
    request.send(new FormData(form));
  });
}

function say(form, name, words) {
  const hint = form.elements.namedItem(name)?.closest(".field")?.querySelector("[data-hint]");
  if (!hint) return toast(words, "bad");
  hint.textContent = words;
  return hint.closest(".field").classList.add("field--wrong");
}

function clear(form) {
  for (const field of form.querySelectorAll(".field--wrong")) {
    field.classList.remove("field--wrong");
    const hint = field.querySelector("[data-hint]");
    hint.textContent = hint.dataset.hint;
  }
}

/** On to that address, also where it is another place of this page, which then tells what has changed. */
function goTo(url) {
  const { pathname, search } = new URL(url, location.href);
  location.assign(url);
  if (pathname === location.pathname && search === location.search) location.reload();
}

async function send(form) {
  const [run, bar, percent, words, left] = ["run", "bar", "percent", "sent", "left"].map((name) => form.querySelector(`[data-${name}]`));
  const began = performance.now();
  const progressed = (loaded, total) => {
    const seconds = (performance.now() - began) / 1000;
    bar.value = loaded / total;
    percent.textContent = `${Math.floor((100 * loaded) / total)} %`;
    words.textContent = `${bytes(loaded)} of ${bytes(total)}`;
    left.textContent = loaded === total ? "saving on the server" : `${duration((seconds * (total - loaded)) / loaded)} left`;
  };
  clear(form);
  run.hidden = false;
  addEventListener("beforeunload", warn);
  try {
    const { request, status, body } = await sent(form, progressed);
    removeEventListener("beforeunload", warn);
    if (body.url) return goTo(body.url);
    if (isRefused(request)) return null;
    const wrong = Object.entries(body.fields ?? {});
    if (!wrong.length) throw new Error(`The server answered ${status}; nothing was kept. Send it again.`);
    for (const [name, text] of wrong) say(form, name, text);
  } catch (error) {
    toast(error.message, "bad");
  } finally {
    removeEventListener("beforeunload", warn);
  }
  run.hidden = true;
  form.dispatchEvent(new Event("synset:free"));
  return null;
}

for (const form of document.querySelectorAll("form[data-progress]")) {
  form.addEventListener("submit", (event) => { event.preventDefault(); send(form); });
}

// The one way in which scripts ask the server: who was signed out or may not is told so, with the way back, and no login page
// lands in a part of this one. `ask` gives the answer, whatever else its status; it throws Refused for these two.
import { ofThisTeam } from "./team.js";
import { toast } from "./toast.js";

const LOGIN = "/login/";
const SIGNED_OUT = "You are signed out.";
const NOT_ALLOWED = "Your role does not allow this, or this page is older than your last sign-in. Reload it and try again.";

export class Refused extends Error {}

const asked = new WeakMap(); // htmx's request → when it was sent
let lost = 0; // when the page was told last that its session ended

/** Says once that the session ended; the link leads through the login back to this page. */
export function signedOut() {
  lost = performance.now();
  if (document.querySelector("[data-signed-out]")) return;
  const here = location.pathname + location.search + location.hash;
  const box = toast(SIGNED_OUT, "bad", { href: `${LOGIN}?next=${encodeURIComponent(here)}`, words: "Sign in again" });
  box.dataset.signedOut = "";
}

/** Says once that this page may no longer ask: a role that changed, a team that was left, a session that another one replaced. */
export function notAllowed() {
  if (!document.querySelector("[data-not-allowed]")) toast(NOT_ALLOWED, "bad").dataset.notAllowed = "";
}

/** Whether that status and address are no answer to what was asked. Says so on the page. `since`: when it was asked, if known. */
function refusal(status, url, since = 0) {
  if (status === 401 || new URL(url || location.href, location.href).pathname === LOGIN) {
    signedOut();
    return SIGNED_OUT;
  }
  if (status !== 403) {
    if (since > lost) document.querySelector("[data-signed-out]")?.remove(); // somebody signed in elsewhere meanwhile; what was under way before proves nothing
    return "";
  }
  notAllowed();
  return NOT_ALLOWED;
}

/** fetch, for our own addresses. */
export async function ask(url, options = {}) {
  const since = performance.now();
  const answer = await fetch(url, { ...options, headers: ofThisTeam(options.headers) });
  const words = refusal(answer.status, answer.url, since);
  if (words) throw new Refused(words);
  return answer;
}

/** The answer to a question that has one: anything else than success is an error. */
export async function fetched(url, type, more = {}) {
  const answer = await ask(url, { headers: { Accept: type, ...more } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer;
}

/** The same for requests that are not made by `ask`: whether it was refused. */
export function isRefused(request) {
  return refusal(request.status, request.responseURL, asked.get(request)) !== "";
}

/** What the server said of too many requests, else its status. */
function failureOf({ status, responseText }) {
  return status === 429 && responseText ? responseText : `The server answered ${status}. Reload the page and try again.`;
}

/** htmx: what it fetched is put nowhere when it was refused; any other failure is said. */
export function watchHtmx() {
  document.addEventListener("htmx:beforeSend", (event) => asked.set(event.detail.xhr, performance.now()));
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (isRefused(event.detail.xhr)) Object.assign(event.detail, { shouldSwap: false, isError: false });
  });
  document.addEventListener("synset:answer", (event) => isRefused(event.detail)); // of charts.js
  document.addEventListener("htmx:responseError", (event) => toast(failureOf(event.detail.xhr), "bad"));
  document.addEventListener("htmx:sendError", () => toast("The server cannot be reached. The page goes on as soon as it can.", "warn"));
}

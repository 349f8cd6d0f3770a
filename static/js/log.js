// The log of a job: its tail as it grows, or the lines in which something stands, which is marked.
import { ask } from "./ask.js";

const TYPED_MS = 200;
const log = document.getElementById("log");
const follow = document.getElementById("follow");
const search = document.getElementById("log-search");
const words = document.getElementById("log-found");
const url = document.getElementById("experiment").dataset.logUrl;
let timer = 0;
let newest = 0;

const toEnd = () => { if (follow.checked) log.scrollTop = log.scrollHeight; };

/** Fetches it again. */
export async function refreshLog() {
  const mine = ++newest;
  const wanted = search.value.trim();
  const answer = await ask(`${url}?${new URLSearchParams({ q: wanted })}`, { headers: { Accept: "text/plain" } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  const text = await answer.text();
  if (mine !== newest) return; // somebody typed on
  log.replaceChildren(...(wanted ? marked(text, wanted) : [text]));
  words.textContent = wanted ? told(Number(answer.headers.get("X-Found")), text.split("\n").length) : "";
  toEnd();
}

function told(count, shown) {
  if (!count) return "No line has this.";
  const lines = count === 1 ? "1 line" : `${count.toLocaleString("en")} lines`;
  return count > shown ? `${lines}, the newest ${shown} shown` : lines;
}

/** The text with each place marked in which that stands. */
function marked(text, wanted) {
  const parts = text.split(new RegExp(`(${wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")})`, "giu"));
  return parts.map((part, i) => {
    if (i % 2 === 0) return part;
    const mark = document.createElement("mark");
    mark.textContent = part;
    return mark;
  });
}

/** Begins to follow and to search. */
export function watchLog() {
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => refreshLog().catch((error) => console.warn("log", error)), TYPED_MS);
  });
  follow.addEventListener("change", toEnd);
  toEnd();
}

// The log of a job: its tail as it grows, or the lines in which something stands, which is marked.
import { fetched } from "./ask.js";
import { isSeen, onSight } from "./sight.js";
import { together } from "./together.js";

const TYPED_MS = 200;
const log = document.getElementById("log");
const follow = document.getElementById("follow");
const search = document.getElementById("log-search");
const words = document.getElementById("log-found");
const url = document.getElementById("experiment").dataset.logUrl;
let timer = 0;
let newest = 0;
let grown = false; // out of sight
let reached = false; // its end, once it was in sight for the first time

const toEnd = () => { if (follow.checked) log.scrollTop = log.scrollHeight; };

async function asked(wanted) {
  const answer = await fetched(`${url}?${new URLSearchParams({ q: wanted })}`, "text/plain");
  return [answer, await answer.text()];
}

/** Fetches it again. */
export async function refreshLog() {
  const mine = ++newest;
  const wanted = search.value.trim();
  const [answer, text] = await together(asked(wanted));
  if (mine !== newest) return; // somebody typed on
  grown = false;
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

/** The same as the job goes on: out of sight it waits, unless somebody looks for something in it. */
export async function followLog() {
  grown = true;
  if (isSeen(log) || search.value.trim()) await refreshLog();
}

const quietly = () => refreshLog().catch((error) => console.warn("log", error));

function catchUp() {
  if (grown) quietly();
  else if (!reached) toEnd();
  reached = true;
}

/** Begins to follow and to search. */
export function watchLog() {
  onSight([log], catchUp);
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(quietly, TYPED_MS);
  });
  follow.addEventListener("change", toEnd);
}

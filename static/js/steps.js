// What is drawn by step: asked from the server for the part of the run that is looked at, so that a million steps draw as quickly as
// a thousand, and a closer look shows more of them.
import { ask } from "./ask.js";
import { drawn, figureOf, put } from "./charts.js";
import { smoothing } from "./smoothing.js";

const NAMES = new Set(["steps", "rate", "norm", "speed", "waiting", "use"]);
const LATER_MS = 120; // after the last move of a zoom
const url = document.getElementById("experiment").dataset.stepsUrl;
const parts = new Map(); // host → [first, last]: what is looked at, where it is not all
const asked = new Map(); // host → number of its newest question: an older answer is too late
let number = 0;
let timer = 0;

const nameOf = (host) => host.dataset.chart.replace(/^figure-/, "");
const shown = () => [...document.querySelectorAll("[data-chart]")].filter((host) => NAMES.has(nameOf(host)));

/** Draws anew what is drawn by step. */
export async function refreshSteps(hosts = shown()) {
  const together = Map.groupBy(hosts, (host) => String(parts.get(host) ?? ""));
  await Promise.all([...together.values()].map(fetchPart));
}

async function fetchPart(hosts) {
  const [first, last] = parts.get(hosts[0]) ?? ["", ""];
  const mine = ++number;
  const wanted = hosts.map((host) => ({ host, name: nameOf(host) }));
  for (const host of hosts) asked.set(host, mine);
  const of = wanted.map(({ name }) => name).join(",");
  const answer = await ask(`${url}?${new URLSearchParams({ of, from: first, to: last, smooth: smoothing() })}`);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  const figures = await answer.json();
  for (const { host, name } of wanted) if (asked.get(host) === mine && nameOf(host) === name) put(`figure-${name}`, figures[name]);
}

/** Remembers the part that the reader chose, and fetches what there is of it. */
function zoomed(host, change) {
  if (!NAMES.has(nameOf(host)) || !Object.keys(change).some((key) => key.startsWith("xaxis"))) return;
  const [first, last] = host.layout.xaxis.range;
  const [from, to] = figureOf(host.dataset.chart)?.layout.xaxis.range ?? [NaN, NaN];
  if (change["xaxis.autorange"] || (first === from && last === to)) parts.delete(host);
  else parts.set(host, [first, last]);
  clearTimeout(timer);
  timer = setTimeout(() => refreshSteps().catch((error) => console.warn("steps", error)), LATER_MS);
}

function switched(event) {
  const group = event.target.closest("[data-chart-switch] [data-figure]")?.closest("[data-chart-switch]");
  const host = group && document.getElementById(group.dataset.chartSwitch);
  if (!host) return;
  if (!NAMES.has(nameOf(host))) parts.delete(host); // its zoom goes with it
  else refreshSteps([host]).catch((error) => console.warn("steps", error));
}

/** Follows what the reader looks at. */
export function watchSteps() {
  drawn.then(() => {
    for (const host of document.querySelectorAll("[data-by-step]")) host.on?.("plotly_relayout", (change) => zoomed(host, change));
  });
  document.addEventListener("click", switched); // after charts.js, which shows the other figure
}

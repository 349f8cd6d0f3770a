// What is drawn by step: asked from the server for the part of the run that is looked at, so that a million steps draw as quickly as
// a thousand, and a closer look shows more of them.
import { fetched } from "./ask.js";
import { drawn, figureOf, put } from "./charts.js";
import { isSeen, onSight } from "./sight.js";
import { smoothing } from "./smoothing.js";
import { together } from "./together.js";

const NAMES = new Set(["steps", "rate", "norm", "speed", "waiting", "use"]);
const LATER_MS = 120; // after the last move of a zoom
const url = document.getElementById("experiment").dataset.stepsUrl;
const parts = new Map(); // host → [first, last]: what is looked at, where it is not all
const asked = new Map(); // host → number of its newest question: an older answer is too late
const behind = new Set(); // hosts out of sight: they are asked for once they are seen
let drawnLast = ""; // what was asked and answered last, where all of it was drawn
let number = 0;
let timer = 0;

const nameOf = (host) => host.dataset.chart.replace(/^figure-/, "");
const shown = () => [...document.querySelectorAll("[data-chart]")].filter((host) => NAMES.has(nameOf(host)));

/** Draws anew what is drawn by step, of which nobody looks at as soon as somebody does. */
export async function refreshSteps(hosts = shown()) {
  const seen = hosts.filter((host) => isSeen(host) || !("drawn" in host.dataset));
  for (const host of hosts) behind.add(host);
  for (const host of seen) behind.delete(host);
  const together = Map.groupBy(seen, (host) => String(parts.get(host) ?? ""));
  await Promise.all([...together.values()].map(fetchPart));
}

function catchUp() {
  const late = [...behind].filter((host) => isSeen(host) && NAMES.has(nameOf(host)));
  if (late.length) refreshSteps(late).catch((error) => console.warn("steps", error));
}

async function fetchPart(hosts) {
  const [first, last] = parts.get(hosts[0]) ?? ["", ""];
  const mine = ++number;
  const wanted = hosts.map((host) => ({ host, name: nameOf(host) }));
  for (const host of hosts) asked.set(host, mine);
  const of = wanted.map(({ name }) => name).join(",");
  const question = `${url}?${new URLSearchParams({ of, from: first, to: last, smooth: smoothing() })}`;
  const answer = await together(fetched(question, "application/json").then((one) => one.text()));
  const ours = wanted.filter(({ host, name }) => asked.get(host) === mine && nameOf(host) === name);
  if (drawnLast === question + answer) return; // no step came since
  drawnLast = ours.length === wanted.length ? question + answer : "";
  const figures = JSON.parse(answer);
  for (const { name } of ours) put(`figure-${name}`, figures[name]);
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
  onSight(document.querySelectorAll("[data-by-step]"), catchUp);
  drawn.then(() => {
    for (const host of document.querySelectorAll("[data-by-step]")) host.on?.("plotly_relayout", (change) => zoomed(host, change));
  });
  document.addEventListener("click", switched); // after charts.js, which shows the other figure
}

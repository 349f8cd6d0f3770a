// <… data-job data-seq data-events-url data-follow hx-get=… hx-trigger="job:refresh">: a part that is fetched again
// while its job moves, at most once each 0.7 s and always once after the last event.
import { watchElement } from "./job.js";

const LEAST_MS = 700;

function follow(element) {
  let timer = 0;
  let last = 0;
  const refresh = () => {
    if (timer) return;
    timer = setTimeout(() => {
      timer = 0;
      last = Date.now();
      element.dispatchEvent(new CustomEvent("job:refresh"));
    }, Math.max(0, last + LEAST_MS - Date.now()));
  };
  for (const kind of ["state", "progress", "problem", "epoch", "link"]) element.addEventListener(`job:${kind}`, refresh);
  watchElement(element);
}

// From then on htmx listens too: what ended before would be fetched by nobody.
document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-follow]").forEach(follow));

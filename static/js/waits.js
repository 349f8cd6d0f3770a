// <div data-waits-for-job data-seq data-events-url>: a part of a page that waits for a job (jobs/_waits.html). How far it is comes with
// the job's events. Its place in line, when it begins and what the pill in the head says are the server's words: they are asked for
// again once the job begins, and each ten seconds while it stands in line. At its end the page is loaded anew.
import { ask } from "./ask.js";
import { watchJob } from "./job.js";
import { renew } from "./parts.js";
import { duration } from "./words.js";

const IN_LINE_MS = 10_000;

function follow(part) {
  const find = (name) => part.querySelector(name); // anew each time: the server's words replace what stands in the part
  let asking = null;

  async function words() {
    const answer = await ask(location.href);
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const other = fresh.querySelector(`[data-waits-for-job="${part.dataset.waitsForJob}"]`);
    if (!other) return; // it ended meanwhile, which its last event tells
    renew(part, other);
    const [pill, now] = [document, fresh].map((page) => page.querySelector("[data-pill]"));
    if (pill && now) renew(pill, now);
  }
  const refresh = () => { asking ??= words().catch((error) => console.warn("waits", error)).finally(() => { asking = null; }); };

  function moved(data) {
    find("progress").value = data.progress;
    if (data.stage) find("[data-stage]").textContent = data.stage[0].toUpperCase() + data.stage.slice(1);
    find("[data-left]").textContent = Number.isFinite(data.eta_seconds) ? `${duration(data.eta_seconds)} left` : "";
  }

  watchJob(part.dataset.waitsForJob, {
    seq: Number(part.dataset.seq),
    eventsUrl: part.dataset.eventsUrl,
    onEvent: ({ kind, data }) => {
      if (kind === "progress") moved(data);
      else if (kind === "state") refresh();
    },
    onLink: (state) => { if (state === "ended") location.reload(); },
  });
  setInterval(() => { if (!document.hidden && find("[data-stage]").dataset.stage === "queued") refresh(); }, IN_LINE_MS);
}

document.querySelectorAll("[data-waits-for-job]").forEach(follow);

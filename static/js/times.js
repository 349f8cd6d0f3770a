// Keeps <time data-time="auto|clock|day|date"> true in the reader's own zone while the page stays open; written in full where
// <html data-dates="full">, else in full in the tip. The same words as webapp/core/times.py: change both together.
const EVERY_MS = 15_000;
const SOON_SECONDS = 3_600;
const DAYS = new Map([[0, "today"], [-1, "yesterday"], [1, "tomorrow"]]);

const part = (options) => new Intl.DateTimeFormat("en-GB", options);
const CLOCK = part({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const DATE = part({ day: "numeric", month: "long" });
const DATED = part({ day: "numeric", month: "long", year: "numeric" });
const WEEKDAY = part({ weekday: "long" });
const SECONDS = part({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short" });

const midnight = (time) => Date.UTC(time.getFullYear(), time.getMonth(), time.getDate());
const date = (time, now) => (time.getFullYear() === now.getFullYear() ? DATE : DATED).format(time);

function relative(time, now) {
  const seconds = (now - time) / 1000;
  if (Math.abs(seconds) < SOON_SECONDS) {
    const minutes = Math.floor(Math.abs(seconds) / 60);
    if (minutes === 0) return "just now";
    return seconds > 0 ? `${minutes} min ago` : `in ${minutes} min`;
  }
  const days = Math.round((midnight(time) - midnight(now)) / 86_400_000);
  return `${DAYS.get(days) ?? date(time, now)}, ${CLOCK.format(time)}`;
}

/** "Tuesday, 24 November 2026, 14:02:05 UTC". */
const full = (time) => `${WEEKDAY.format(time)}, ${DATED.format(time)}, ${SECONDS.format(time)}`;

function inWords(time, now, form) {
  if (form === "clock") return CLOCK.format(time);
  if (form === "auto") return relative(time, now);
  return form === "date" ? date(time, now) : `${date(time, now)}, ${CLOCK.format(time)}`;
}

export function renew() {
  const now = new Date();
  const long = document.documentElement.dataset.dates === "full";
  for (const element of document.querySelectorAll("time[data-time]")) {
    const time = new Date(element.dateTime);
    const words = long ? full(time) : inWords(time, now, element.dataset.time);
    if (element.textContent !== words) element.textContent = words;
    element.title = full(time);
  }
}

export function startTimes() {
  renew();
  setInterval(renew, EVERY_MS);
  document.addEventListener("htmx:load", renew);
}

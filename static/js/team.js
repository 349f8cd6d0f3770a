// Each tab works in the team of its page, whatever another tab went on to: what a page sends names its team (forms here, scripts
// by `ofThisTeam`, htmx by <body hx-headers>), and a plain visit goes to the team of the tab that was looked at last.

import { remember } from "./remember.js";

const HEADER = "X-Synset-Team";
const FIELD = "page_team";
const COOKIE = "synset_team";
const team = document.body.dataset.team;

/** The headers of a request of this page's scripts. */
export function ofThisTeam(headers) {
  return team ? { ...headers, [HEADER]: team } : { ...headers };
}

/** The socket's address with this page's team. */
export function socketAddress(path) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}${path}${team ? `?team=${team}` : ""}`;
}

function claim() {
  if (!document.hidden) remember(COOKIE, team);
}

export function startTeam() {
  if (!team) return;
  document.addEventListener("formdata", (event) => {
    if (event.target.method === "post") event.formData.set(FIELD, team);
  });
  for (const looked of ["focus", "pageshow", "pointerdown"]) addEventListener(looked, claim);
  document.addEventListener("visibilitychange", claim);
  document.documentElement.addEventListener("pointerenter", claim); // one may scroll in a window that has no focus
}

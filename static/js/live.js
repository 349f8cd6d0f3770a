// Refreshes parts of lists while jobs move: /ws/team/ nudges become `synset:nudge` events on <body>,
// at most one each 1.5 s and always one after the last nudge. Parts listen with
// hx-trigger="synset:nudge from:body". Without a socket the parts are refreshed every 15 s.

import { notAllowed, signedOut } from "./ask.js";
import { socketAddress } from "./team.js";

const LEAST_MS = 1_500;
const QUIET_MS = 15_000;
const LONGEST_WAIT_MS = 15_000;
const REFUSED = new Set([4401, 4403]);
const SIGNED_OUT = 4401;
const LOST_RIGHTS = 4403;

let last = 0;
let timer = 0;
let tries = 0;
let open = false;

function nudge() {
  if (timer) return;
  timer = setTimeout(() => {
    timer = 0;
    last = Date.now();
    if (!document.hidden) document.body.dispatchEvent(new CustomEvent("synset:nudge"));
  }, Math.max(0, last + LEAST_MS - Date.now()));
}

function connect() {
  const socket = new WebSocket(socketAddress("/ws/team/"));
  socket.addEventListener("open", () => {
    nudge(); // something may have moved since the page was made, or while the socket was away
    open = true;
    tries = 0;
  });
  socket.addEventListener("message", (message) => { if (JSON.parse(message.data).type === "nudge") nudge(); });
  socket.addEventListener("close", (event) => {
    open = false;
    if (event.code === SIGNED_OUT) signedOut();
    if (event.code === LOST_RIGHTS) notAllowed();
    if (REFUSED.has(event.code)) return;
    const longest = Math.min(LONGEST_WAIT_MS, 500 * 2 ** tries++);
    setTimeout(connect, longest * (0.5 + Math.random() / 2));
  });
}

setInterval(() => { if (!open) nudge(); }, QUIET_MS);
document.addEventListener("visibilitychange", () => { if (!document.hidden) nudge(); });
document.addEventListener("DOMContentLoaded", connect); // from then on htmx listens too

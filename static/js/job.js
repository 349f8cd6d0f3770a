// Follows one job: the socket is a nudge, the numbered events are the truth.
//
//   const stop = watchJob(id, { seq, eventsUrl, onSnapshot, onEvent, onLink });
//   watchElement(element)   // <… data-job data-seq data-events-url>: dispatches job:state, job:progress, job:epoch,
//                           // job:log, job:problem, job:snapshot and job:link on it (they bubble; detail = the event)
//
// Each event is delivered once and in order: a gap is filled from eventsUrl, also after a reconnect.
// onLink(state): "on" while the socket is open, "delayed" while it is not (events are then fetched every few
// seconds) or while the server itself has to look for news, "ended" after the final state event.

import { ask, notAllowed, signedOut } from "./ask.js";
import { socketAddress } from "./team.js";

const FINAL = new Set(["succeeded", "failed", "cancelled"]);
const REFUSED = new Set([4401, 4403, 4404]);
const SIGNED_OUT = 4401;
const LOST_RIGHTS = 4403;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const POLL_MS = 5_000;

export function watchJob(id, options) {
  const watch = new Watch(id, options);
  watch.connect();
  return () => watch.stop("stopped");
}

export function watchElement(element) {
  const tell = (name, detail) => element.dispatchEvent(new CustomEvent(`job:${name}`, { bubbles: true, detail }));
  return watchJob(element.dataset.job, {
    seq: Number(element.dataset.seq || 0),
    eventsUrl: element.dataset.eventsUrl,
    onSnapshot: (snapshot) => tell("snapshot", snapshot),
    onEvent: (event) => tell(event.kind, event),
    onLink: (state) => {
      element.dataset.link = state;
      tell("link", { state });
    },
  });
}

class Watch {
  constructor(id, { seq = 0, eventsUrl, onSnapshot, onEvent, onLink }) {
    Object.assign(this, { id, eventsUrl, onSnapshot, onEvent, onLink });
    this.last = seq; // newest event that was delivered
    this.early = new Map(); // events that came before one that is missing
    this.tries = 0;
    this.filling = null;
    this.stopped = false;
    this.poll = setInterval(() => this.pollWhenDown(), POLL_MS);
  }

  connect() {
    if (this.stopped) return;
    this.socket = new WebSocket(socketAddress(`/ws/jobs/${this.id}/`));
    this.socket.addEventListener("message", (message) => this.receive(JSON.parse(message.data)));
    this.socket.addEventListener("close", (event) => this.closed(event.code));
  }

  receive(message) {
    if (message.type === "snapshot") this.snapshot(message);
    else if (message.type === "event") this.take(message);
    else if (message.type === "link") this.link(message.delayed ? "delayed" : "on");
  }

  snapshot(message) {
    this.tries = 0;
    this.link("on");
    this.onSnapshot?.(message);
    if (message.seq > this.last) this.fill();
    else if (FINAL.has(message.state)) this.stop("ended");
  }

  take(event) {
    if (event.seq <= this.last) return;
    this.early.set(event.seq, event);
    this.deliver();
    if (this.early.size) this.fill();
  }

  deliver() {
    for (let event; (event = this.early.get(this.last + 1)); ) {
      this.early.delete(event.seq);
      this.last = event.seq;
      this.onEvent?.(event);
      if (event.kind === "state" && FINAL.has(event.data.state)) this.stop("ended");
    }
  }

  fill() {
    this.filling ??= this.fetchMissing().catch(() => this.link("delayed")).finally(() => { this.filling = null; });
    return this.filling;
  }

  async fetchMissing() {
    for (let since = this.last; since !== null && !this.stopped; ) {
      const answer = await ask(`${this.eventsUrl}?since=${since}`, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`events: ${answer.status}`);
      const page = await answer.json();
      for (const event of page.events) if (event.seq > this.last) this.early.set(event.seq, event);
      this.deliver();
      since = page.next;
    }
  }

  pollWhenDown() {
    if (!this.stopped && this.socket?.readyState !== WebSocket.OPEN) this.fill();
  }

  closed(code) {
    if (this.stopped) return;
    if (code === SIGNED_OUT) signedOut();
    if (code === LOST_RIGHTS) notAllowed();
    if (REFUSED.has(code)) return this.stop("refused");
    this.link("delayed");
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.tries++);
    setTimeout(() => this.connect(), longest * (0.5 + Math.random() / 2)); // jitter: a restart meets no stampede
  }

  link(state) {
    if (this.state === state) return;
    this.state = state;
    this.onLink?.(state);
  }

  stop(state) {
    if (this.stopped) return;
    this.stopped = true;
    clearInterval(this.poll);
    this.link(state);
    this.socket?.close();
  }
}

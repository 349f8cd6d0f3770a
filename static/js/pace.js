// How fast an upload is, from what came within the last seconds, in words: of how much, the rate, the time left.
import { bytes, duration } from "./words.js";

const RATE_WINDOW_MS = 6_000;

export class Sending {
  /** `show(fraction, sent, left)` */
  constructor(show) {
    this.show = show;
    this.marks = []; // [time in ms, bytes]
  }

  /** The line broke, or was paused: what was measured says nothing of what follows. */
  broken() {
    this.marks = [];
  }

  progressed(sent, total) {
    const now = performance.now();
    if (this.marks.length && sent < this.marks.at(-1)[1]) this.marks = []; // a part begins again
    this.marks.push([now, sent]);
    while (this.marks.length > 2 && now - this.marks[0][0] > RATE_WINDOW_MS) this.marks.shift();
    const [since, from] = this.marks[0];
    const rate = now > since ? (1000 * (sent - from)) / (now - since) : 0;
    const words = `${bytes(sent)} of ${bytes(total)}${rate ? ` · ${bytes(rate)}/s` : ""}`;
    this.show(sent / total, words, sent === total ? "saving on the server" : rate ? `${duration((total - sent) / rate)} left` : "");
  }
}

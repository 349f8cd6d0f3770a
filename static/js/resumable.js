// Sends a file in parts by tus 1.0.0, so that it goes on where it stopped: after a lost connection or a restarted server by
// itself, after the browser was closed once the same file is picked again.
import { ask, isRefused } from "./ask.js";
import { Changed } from "./tar.js";
import { ofThisTeam } from "./team.js";

const PART_BYTES = 8 * 1024 * 1024;
const WAITS_S = [1, 2, 4, 8, 15, 30]; // between tries; each try that brings something on begins anew
const PASSING = new Set([0, 408, 423, 425, 429, 502, 503, 504]); // what another try can cure
const GONE_STATUS = new Set([404, 410]);
const KEPT = "synset-uploads"; // {fingerprint: address} in localStorage
const VERSION = { "Tus-Resumable": "1.0.0" };
const CHANGED = "The file on your disk was changed or moved since you picked it. Pick it again.";
const GONE = "This upload is gone: somebody discarded it, or it waited too long. Start it again.";
const TROUBLE = "The server could not keep the file. Try again, or tell whoever runs it.";
const DISCARD_MS = 5_000; // so long it is waited for
const AWAY = "The server cannot be reached. What came is kept, and the upload goes on as soon as the connection is back.";
const REFUSED = "You were signed out, or your role does not allow this. What came is kept; sign in and go on.";
const NOT_BEGUN = "Nothing was uploaded: you were signed out, or your role does not allow it.";

/** What ends a transfer. `fields` has a sentence for each wrong field; `kept` says that one can go on later. */
export class Failed extends Error {
  constructor(words, { fields = {}, kept = false } = {}) {
    super(words);
    Object.assign(this, { fields, kept });
  }
}
class Stopped extends Error {}
class Passing extends Error {
  constructor(words = AWAY) { super(words); }
}

const text64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const csrf = (form) => /(?:^|; )synset_csrf=(\w+)/.exec(document.cookie)?.[1] ?? form.elements.namedItem("csrfmiddlewaretoken").value;

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch { // no storage here, or not ours
    return {};
  }
}

function keep(fingerprint, address) {
  try {
    const all = kept();
    if (address) all[fingerprint] = address;
    else delete all[fingerprint];
    localStorage.setItem(KEPT, JSON.stringify(all));
  } catch (error) {
    console.warn("upload", error); // storage is full or forbidden: the list of unfinished uploads knows it too
  }
}

/** One file on its way, or a folder's files as one Tar. `told` has `begun()`, `progress(bytes)` and `waits(seconds, why)`, called each second until the next try. */
export class Transfer {
  constructor(form, file, address, told) {
    this.form = form;
    this.file = file;
    this.told = told;
    const { person, team } = document.body.dataset;
    this.fingerprint = [person, team, new URL(form.action).pathname, file.name, file.size, file.lastModified].join("|");
    this.address = address || kept()[this.fingerprint] || "";
    this.stopping = false;
  }

  /** Bytes that are on the server already; null where it knows nothing of this file. */
  async found() {
    if (!this.address) return null;
    const answer = await this.request("HEAD", this.address).catch(() => null);
    if (answer?.status === 200 && Number(answer.getResponseHeader("Upload-Length")) === this.file.size) return this.placeIn(answer).offset;
    if (GONE_STATUS.has(answer?.status)) this.forget();
    return null;
  }

  /** Sends until all is there; gives the dataset's address. Throws Failed, or Stopped after `pause`. */
  async send(fields) {
    this.stopping = false;
    if (this.address && (await this.found()) === null && !this.address) this.told.progress(0); // it was over: begin anew
    for (let tries = 0; ;) {
      try {
        return await this.goOn(fields, () => { tries = 0; });
      } catch (trouble) {
        if (this.stopping) throw new Stopped();
        if (!(trouble instanceof Passing)) throw trouble;
        await this.wait(WAITS_S[Math.min(tries, WAITS_S.length - 1)], trouble.message);
        tries += 1;
      }
    }
  }

  async goOn(fields, advanced) {
    let place = this.address ? await this.ask() : await this.begin(fields);
    this.told.progress(place.offset);
    while (place.offset < this.file.size || !place.dataset) {
      if (this.stopping) throw new Stopped();
      place = await this.part(place.offset);
      this.told.progress(place.offset);
      advanced();
    }
    this.forget();
    return place.dataset;
  }

  async begin(fields) {
    const pairs = { ...fields, filename: this.file.name, modified: String(this.file.lastModified), folder: this.file.count ? "1" : "" };
    const metadata = Object.entries(pairs).filter(([, value]) => value).map(([key, value]) => `${key} ${text64(value)}`).join(",");
    const headers = { "Upload-Length": String(this.file.size), "Upload-Metadata": metadata };
    const answer = await this.request("POST", this.form.dataset.parts, headers);
    if (answer.status !== 201) throw this.failure(answer);
    this.address = answer.getResponseHeader("Location");
    keep(this.fingerprint, this.address);
    this.told.begun();
    return { offset: 0, dataset: "" };
  }

  async ask() {
    const answer = await this.request("HEAD", this.address);
    if (answer.status !== 200) throw this.failure(answer);
    return this.placeIn(answer);
  }

  async part(offset) {
    const part = await this.read(offset);
    const headers = { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
    const answer = await this.request("PATCH", this.address, headers, part, (sent) => this.told.progress(offset + sent));
    if (answer.status === 204) return this.placeIn(answer);
    if (answer.status === 409 && answer.getResponseHeader("Upload-Offset")) return this.ask(); // it is further, or not so far
    throw this.failure(answer);
  }

  /** The next bytes; a folder's are read from many files. */
  async read(offset) {
    try {
      const part = await this.file.slice(offset, offset + PART_BYTES);
      await part.slice(0, 1).arrayBuffer();
      return part;
    } catch (trouble) {
      throw new Failed(trouble instanceof Changed ? trouble.message : CHANGED);
    }
  }

  placeIn(answer) {
    return { offset: Number(answer.getResponseHeader("Upload-Offset")), dataset: answer.getResponseHeader("Location") ?? "" };
  }

  failure(answer) {
    if (PASSING.has(answer.status)) return new Passing(answer.response?.error?.message);
    if (isRefused(answer)) return new Failed(this.address ? REFUSED : NOT_BEGUN, { kept: Boolean(this.address) });
    if (GONE_STATUS.has(answer.status)) {
      this.forget();
      return new Failed(GONE);
    }
    const error = answer.response?.error;
    return new Failed(error?.message || TROUBLE, { fields: error?.fields, kept: Boolean(this.address) });
  }

  /** Resolves with whatever is answered; a connection that breaks throws Passing. */
  request(method, address, headers = {}, body = null, sent = null) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      this.at = request;
      request.open(method, address);
      const all = ofThisTeam({ ...VERSION, Accept: "application/json", "X-CSRFToken": csrf(this.form), ...headers });
      for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
      request.responseType = "json";
      if (sent) request.upload.addEventListener("progress", (event) => sent(event.loaded));
      request.addEventListener("load", () => resolve(request));
      for (const end of ["error", "abort", "timeout"]) request.addEventListener(end, () => reject(new Passing()));
      request.send(body);
    });
  }

  /** Ends early when the connection is back, and when it is paused. */
  async wait(seconds, why) {
    for (let left = seconds; left > 0 && !this.stopping; left -= 1) {
      this.told.waits(left, why);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, 1000 * (0.8 + 0.4 * Math.random())); // many pages must not come back at once
        this.wake = () => { clearTimeout(timer); left = 0; resolve(); };
        addEventListener("online", this.wake, { once: true });
      });
      removeEventListener("online", this.wake);
    }
    if (this.stopping) throw new Stopped();
  }

  /** What came stays on the server; `send` goes on. */
  pause() {
    this.stopping = true;
    this.at?.abort();
    this.wake?.();
  }

  /** What came is removed there; whether it was said to be so in time. */
  async discard() {
    this.pause();
    const address = this.address;
    this.forget();
    const headers = { ...VERSION, "X-CSRFToken": csrf(this.form) };
    // Also when the page is closed now. Where it does not arrive, the upload is listed as unfinished, and removed after its term.
    if (!address) return true;
    const told = ask(address, { method: "DELETE", headers, keepalive: true }).then(({ ok, status }) => ok || status === 404, () => false);
    return Promise.race([told, new Promise((end) => setTimeout(end, DISCARD_MS, false))]);
  }

  forget() {
    keep(this.fingerprint, "");
    this.address = "";
  }
}

export const isPaused = (trouble) => trouble instanceof Stopped;

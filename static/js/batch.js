// Several archives or folders at once, a dataset each. They are sent one after the other; each has a row of its own with its name,
// its progress and the time left, and then with those of its look or its import.
import { ask } from "./ask.js";
import { fileOf, tarOfEntries } from "./folder.js";
import { Sending } from "./pace.js";
import { Failed, Transfer, isPaused } from "./resumable.js";
import { nameFrom } from "./words.js";

const LOOK_MS = 1_500; // between two looks at an import
const warn = (event) => event.preventDefault();

/** One archive or folder, from its choice to the end of its import. */
class Row {
  constructor(batch, entry) {
    this.batch = batch;
    this.entry = entry;
    this.element = batch.template.content.firstElementChild.cloneNode(true);
    this.find = (selector) => this.element.querySelector(selector);
    this.state = "waits"; // "reading", "sending", "paused", "failed", "sent", "ended", "gone"
    this.label(entry.name);
    this.find("[data-row-name]").value = nameFrom(entry);
    this.find("[data-row-pause]").addEventListener("click", () => this.paused());
    this.find("[data-row-remove]").addEventListener("click", () => this.remove());
  }

  label(name) {
    this.find("[data-row-label]").textContent = `Name of ${name}`;
    this.find("[data-row-file]").textContent = name;
    this.find("[data-row-bar]").setAttribute("aria-label", `Upload of ${name}`);
    this.find("[data-row-remove]").setAttribute("aria-label", `Remove ${name}`);
    this.name = name;
  }

  /** Reads a folder, or takes the archive, then sends it, unless it was removed meanwhile. */
  async send(fields) {
    this.become(this.file ? "sending" : "reading");
    try {
      this.file ??= this.entry.isFile ? (await fileOf(this.entry)).file : await tarOfEntries([this.entry], (number) => this.say(`Reading the folder: ${number.toLocaleString("en")} files so far.`));
      if (this.state === "gone") return;
      if (this.file.count === 0) throw new Failed("There are no files in this folder.");
      this.become("sending");
      this.say("");
      this.transfer ??= new Transfer(this.batch.form, this.file, "", this.listener());
      this.address = await this.transfer.send({ ...fields, name: this.find("[data-row-name]").value });
      if (this.state !== "gone") this.become("sent");
    } catch (trouble) {
      if (this.state !== "gone") this.stopped(trouble);
    }
  }

  /** It was paused, or cannot be sent; what is wrong with a choice for all of them stands at its field too. */
  stopped(trouble) {
    if (!isPaused(trouble) && !(trouble instanceof Failed)) console.error(trouble);
    this.become(isPaused(trouble) ? "paused" : "failed");
    this.say(isPaused(trouble) ? "Paused; what came is kept." : trouble.message, !isPaused(trouble));
    for (const [field, words] of Object.entries(trouble.fields ?? {})) if (field !== "name" && field !== "archive") this.batch.told.wrong(field, words);
  }

  listener() {
    const pace = new Sending((fraction, sent, left) => {
      this.find("[data-row-bar]").value = fraction;
      this.find("[data-row-percent]").textContent = `${Math.floor(100 * fraction)} %`;
      this.find("[data-row-sent]").textContent = sent;
      this.find("[data-row-left]").textContent = left;
    });
    const begun = () => this.batch.form.dispatchEvent(new Event("synset:sent", { bubbles: true })); // its fields are on the server now
    return { begun, progress: (sent) => { this.say(""); pace.progressed(sent, this.file.size); }, waits: (seconds, why) => { pace.broken(); this.find("[data-row-left]").textContent = `next try in ${seconds} s`; this.say(why); } };
  }

  /** Pause, go on, or try again what failed. */
  paused() {
    if (this.state === "sending") return this.transfer?.pause();
    if (this.state === "failed" && !this.transfer?.address) this.transfer = this.file = null; // what was changed on the disk is read anew
    this.become("waits");
    return this.batch.goOn();
  }

  async remove() {
    const next = this.element.nextElementSibling ?? this.element.previousElementSibling;
    this.state = "gone";
    this.element.remove();
    this.batch.removed(this);
    (next?.querySelector("[data-row-remove]:not([hidden])") ?? this.batch.first).focus();
    await this.transfer?.discard();
  }

  become(state) {
    this.state = state;
    const open = state === "sending" || state === "paused";
    this.find("[data-row-run]").hidden = !open;
    this.find("[data-row-name]").disabled = state !== "waits" && state !== "failed";
    const button = this.find("[data-row-pause]");
    button.hidden = !open && state !== "failed";
    button.textContent = { paused: "Go on", failed: "Try again" }[state] ?? "Pause";
    button.setAttribute("aria-label", `${button.textContent}: ${this.name}`);
    this.find("[data-row-remove]").hidden = state === "sent" || state === "ended";
    if (state === "sent") this.follow();
  }

  say(words, isBad = false) {
    const place = this.find("[data-row-said]");
    if (place.textContent !== words) place.textContent = words;
    place.classList.toggle("bad", isBad);
  }

  /** What the server says of its look or import, until that has ended or waits for somebody. */
  async follow() {
    const place = this.find("[data-row-state]");
    for (;;) {
      const answer = await ask(`${this.address}line/`).catch(() => null);
      if (answer?.status === 404) return this.say("It was deleted meanwhile.");
      if (answer?.ok) {
        place.innerHTML = await answer.text(); // the server's own markup
        if (place.querySelector("[data-ended]")) return this.become("ended");
      }
      await new Promise((done) => { setTimeout(done, LOOK_MS); });
    }
  }
}

export class Batch {
  /** `told` has fields(), changed(), begun(), ended(), wrong(field, words) and says(words). */
  constructor(form, told) {
    Object.assign(this, { form, told, rows: [], running: false });
    this.part = form.querySelector("[data-batch]");
    this.list = this.part.querySelector("[data-batch-rows]");
    this.template = this.part.querySelector("template");
    this.first = form.querySelector("input[type=file]");
    this.choice = form.querySelector("[data-batch-choice]");
    this.choice.addEventListener("change", () => this.show(this.isEach() ? this.offered : []));
  }

  isEach() {
    return this.choice.querySelector("[value=each]").checked;
  }

  /** Archives, and folders among them. */
  take(entries) {
    this.show(entries);
    this.form.querySelector("[data-start]").focus();
  }

  /** Folders that came together: the classes of one dataset, unless somebody says that each is one. */
  offer(entries) {
    this.offered = entries;
    this.choice.querySelector("[value=one]").checked = true;
    this.choice.hidden = false;
  }

  /** What is chosen makes one dataset. */
  leave() {
    this.choice.hidden = true;
    if (this.rows.length) this.show([]);
  }

  /** The entries as rows, in place of those before. */
  show(entries) {
    this.rows = entries.map((entry) => new Row(this, entry));
    this.list.replaceChildren(...this.rows.map(({ element }) => element));
    this.changed();
  }

  removed(row) {
    this.rows = this.rows.filter((each) => each !== row);
    if (!this.rows.length) this.first.value = ""; // the same ones can be picked again
    this.changed();
    if (!this.running) this.told.ended();
  }

  changed() {
    this.part.hidden = !this.rows.length;
    if (!this.running) this.told.changed();
  }

  /** Sends each that waits, one after the other. */
  async goOn() {
    if (this.running) return;
    this.running = true;
    this.choice.hidden = true;
    this.told.begun();
    addEventListener("beforeunload", warn);
    for (let row; (row = this.rows.find(({ state }) => state === "waits")); ) await row.send(this.told.fields());
    removeEventListener("beforeunload", warn);
    this.running = false;
    this.changed();
    this.told.ended();
    if (this.rows.length) this.told.says(this.words());
    this.part.querySelector("[data-batch-next]").hidden = false;
  }

  words() {
    const sent = this.rows.filter(({ state }) => state === "sent" || state === "ended").length;
    const left = this.rows.length - sent;
    const there = `${sent} of ${this.rows.length} ${this.rows.length === 1 ? "is" : "are"} on the server`;
    return left ? `${there}; ${left} ${left === 1 ? "waits" : "wait"} for you.` : "All are on the server. Their imports go on without this page too.";
  }
}

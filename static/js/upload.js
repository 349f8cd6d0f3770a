// Sends an archive, or a folder as it is, with progress, rate and time left; it can be paused, goes on by itself when the
// connection is back, and goes on where it stopped when the same file is picked again. Errors stand at their fields. Without this
// script the form still works as a plain one.
import { Batch } from "./batch.js";
import { Sending } from "./pace.js";
import { Picking } from "./picking.js";
import { Failed, Transfer, isPaused } from "./resumable.js";
import { toast } from "./toast.js";
import { bytes, nameFrom } from "./words.js";

const ASKED_BYTES = 5_000_000; // so much is not thrown away without a question
const TOLD_EACH = 0.25; // of the whole, to who listens

const LISTED = "The upload is cancelled. The server could not be told yet: what came of it is listed as unfinished until it is removed.";
const NO_CLASS = "Say of which class these images are: no folder and no table says it.";
const warn = (event) => event.preventDefault();

class Upload {
  constructor(form) {
    this.form = form;
    this.find = (selector) => form.querySelector(selector);
    this.picked = null; // a file, or a folder's files as one Tar
    this.options = [...form.querySelectorAll("[data-field] input, [data-field] select")];
    this.startWords = this.find("[data-start]").textContent;
    this.rows = [...document.querySelectorAll("[data-unfinished]")];
    this.pace = new Sending((...told) => this.show(...told));
    if (this.find("[data-batch]")) {
      const [begun, ended] = [() => { this.clear(); this.become("batch"); }, () => this.batchEnded()];
      this.batch = new Batch(form, { fields: () => this.fields(), changed: () => this.tell(), begun, ended, wrong: (...said) => this.wrong(...said), says: (words) => this.say(words) });
    }
    form.addEventListener("submit", (event) => { event.preventDefault(); this.start(); });
    this.picking = new Picking(form, {
      isBusy: () => Boolean(this.transfer || this.state === "batch"),
      clears: () => { this.picked = null; this.clear(); this.batch?.leave(); },
      takes: (file) => this.take(file),
      refuses: (words) => this.wrong("archive", words),
      says: (words) => this.say(words),
      ...(this.batch && { takesEach: (entries) => this.batch.take(entries), mayTakeEach: (entries) => this.batch.offer(entries) }),
    });
    this.find("[name=label]")?.addEventListener("change", () => this.clear());
    this.find("[name=name]")?.addEventListener("input", (event) => { event.target.dataset.typed = ""; });
    this.find("[name=split]")?.addEventListener("input", () => this.showSplit());
    this.question = document.getElementById("cancel-upload");
    this.find("[data-cancel]").addEventListener("click", () => (this.bar().value * this.transfer.file.size < ASKED_BYTES ? this.cancel() : this.question.showModal()));
    this.question.querySelector("[data-cancel-surely]").addEventListener("click", () => { this.question.close(); this.cancel(); });
    this.find("[data-pause]").addEventListener("click", () => (this.state === "paused" ? this.start() : this.transfer.pause()));
    for (const row of this.rows) this.offer(row);
    if (this.picking.input.files.length) this.picking.chosen();
  }

  /** What the place for files says of what was chosen. */
  tell() {
    const [name, size] = [this.find("[data-file-name]"), this.find("[data-file-size]")];
    this.first ??= [name.textContent, size.textContent];
    const file = this.picked;
    const count = file?.count ? `${file.count.toLocaleString("en")} ${file.count === 1 ? "file" : "files"}, ` : "";
    const many = this.batch?.rows.length ?? 0;
    const each = [`${many.toLocaleString("en")} ${many === 1 ? "dataset" : "datasets"}`, "Each as it is called below; what is chosen here holds for all of them"];
    [name.textContent, size.textContent] = many ? each : file ? [file.name, `${count}${bytes(file.size)}`] : this.first;
    this.find("[data-drop]").toggleAttribute("data-has-file", Boolean(many || file));
    this.find("[data-start]").firstChild.textContent = many > 1 ? `${this.startWords} all ${many.toLocaleString("en")}` : this.startWords;
    const named = this.find("[data-field=name]");
    if (named) named.hidden = many > 0;
  }

  /** No row is on its way: what holds for all of them can be changed for those that failed; without a row one begins anew. */
  batchEnded() {
    if (this.state !== "batch") return;
    if (!this.batch.rows.length) this.become("");
    else if (this.batch.rows.some(({ state }) => state === "failed")) for (const field of this.options) field.disabled = false;
  }

  bar() {
    return this.find("[data-bar]");
  }

  /** A row of an unfinished upload: its button asks for its file or folder. */
  offer(row) {
    const button = row.querySelector("[data-pick]");
    button.hidden = false;
    button.addEventListener("click", () => {
      this.wanted = row;
      this.picking.ask(row.dataset.folder !== undefined);
    });
  }

  /** The unfinished upload of that file, if there is one. */
  rowOf(file) {
    return this.rows.find(({ dataset }) => dataset.file === file.name && Number(dataset.size) === file.size && (!dataset.modified || Number(dataset.modified) === file.lastModified));
  }

  async take(file) {
    const wanted = this.wanted;
    if (!file?.count) this.batch?.leave(); // else folders that may be a dataset each
    this.picked = file;
    this.wanted = null;
    this.clear();
    this.known = null;
    this.tell();
    if (!file) return;
    const row = this.rowOf(file);
    if (wanted && wanted !== row) {
      this.picking.input.value = "";
      this.picked = null;
      this.wrong("archive", `That is another ${file.count ? "folder" : "file"}: ${wanted.dataset.file} with ${bytes(Number(wanted.dataset.size))} was begun; ${file.name} with ${bytes(file.size)} came.`);
      return;
    }
    const known = new Transfer(this.form, file, row?.dataset.url, this.listener());
    const here = await known.found();
    if (this.picked !== file || this.transfer) return; // another one was picked meanwhile
    if (here === null) this.anew(file);
    else this.goesOn(known, row, here);
  }

  anew(file) {
    for (const field of this.options) field.disabled = false;
    this.find("[data-start]").firstChild.textContent = this.startWords;
    const name = this.find("[name=name]");
    if (name && name.dataset.typed === undefined) name.value = nameFrom(file);
  }

  /** The file was begun before: what was chosen then holds. */
  goesOn(known, row, here) {
    this.known = known;
    for (const field of this.options) {
      field.disabled = true;
      const said = row?.dataset[field.name];
      if (said === undefined) continue;
      if (field.type === "checkbox") field.checked = said === "1";
      else field.value = said;
    }
    this.showSplit();
    this.find("[data-file-size]").textContent = `${bytes(here)} of ${bytes(known.file.size)} are here already`;
    this.find("[data-start]").firstChild.textContent = "Go on with the upload";
    this.say(`${Math.floor((100 * here) / known.file.size)} % of ${known.file.name} are here already. It goes on from there.`);
    this.find("[data-start]").focus();
  }

  showSplit() {
    if (!this.find("[name=split]")) return;
    const shares = this.find("[name=split]").value.split("/").map((part) => part.trim());
    if (shares.length === 3) this.find("[data-split-words]").textContent = `${shares[0]} % train, ${shares[1]} % validation, ${shares[2]} % test`;
  }

  listener() {
    const begun = () => this.form.dispatchEvent(new Event("synset:sent", { bubbles: true })); // its fields are on the server now
    return { begun, progress: (sent) => this.progressed(sent), waits: (seconds, why) => this.waits(seconds, why) };
  }

  async start() {
    if (["sending", "done", "cancelled"].includes(this.state)) return;
    this.clear();
    const file = this.picked;
    if (this.batch?.rows.length) return this.batch.goOn();
    if (!file) return this.refuse("archive", this.picking.missing);
    if (this.picking.lacksClass(file)) return this.refuse("label", NO_CLASS);
    this.transfer ??= this.known ?? new Transfer(this.form, file, "", this.listener());
    this.become("sending");
    try {
      const address = await this.transfer.send(this.fields());
      this.become("done");
      if (this.form.dataset.stays === undefined) location.assign(address);
      else location.reload(); // the gallery as it was filtered, under the draft as it is now
    } catch (trouble) {
      this.ended(trouble);
    }
  }

  /** The fields that go with the archive. */
  fields() {
    const said = this.options.filter(({ type, checked }) => type !== "checkbox" || checked);
    return { ...Object.fromEntries(said.map(({ name, value }) => [name, value])), dataset: this.form.dataset.replaces, adds_to: this.form.dataset.addsTo, becomes: this.form.dataset.becomes };
  }

  ended(trouble) {
    if (this.state === "cancelled") return;
    if (isPaused(trouble)) return this.transfer && this.become("paused");
    const { fields, kept } = trouble instanceof Failed ? trouble : { fields: {}, kept: true };
    if (!(trouble instanceof Failed)) console.error(trouble);
    const known = Object.entries(fields).filter(([field, words]) => this.wrong(field, words));
    if (!known.length) {
      this.wrong("archive", trouble.message);
      toast(trouble.message, "bad");
    }
    if (kept) return this.become("paused");
    this.transfer = this.known = null;
    this.become("");
    return known.length && this.focus(known[0][0]);
  }

  /** It is said to be discarded once it is: who looks for it elsewhere finds nothing of it. */
  async cancel() {
    const { address } = this.transfer;
    this.become("cancelled");
    const isGone = await this.transfer.discard();
    this.transfer = this.known = null;
    if (isGone) this.rows = this.rows.filter((row) => row.dataset.url !== address || row.remove());
    this.become("");
    this.say(isGone ? "The upload is cancelled, and what came of it is discarded." : LISTED);
    this.find("[data-start]").focus();
    if (this.picked) this.take(this.picked);
  }

  /** "" before and after, "sending" (also while it waits for the connection), "paused", "done", "cancelled" until it is discarded, "batch"
      of several. */
  become(state) {
    const before = this.state ?? "";
    this.state = state;
    const open = state !== "";
    this.find("[data-run]").hidden = !open || state === "batch"; // of several each row has its own
    this.find("[data-start]").hidden = this.picking.disabled = open;
    this.find("[data-start-key]").hidden = open || this.form.closest("dialog") !== null; // no key of a page acts in a dialog
    this.others(open);
    this.find("[data-cancel]").hidden = this.find("[data-pause]").hidden = !open || state === "done" || state === "cancelled" || state === "batch";
    this.find("[data-pause]").firstChild.textContent = state === "paused" ? "Go on" : "Pause";
    if (open) for (const field of this.options) field.disabled = true;
    else if (!this.known) for (const field of this.options) field.disabled = false;
    if (state === "sending") {
      this.pace.broken();
      if (before === "") this.show(0, "", "");
      this.find("[data-pause]").focus();
      this.say("Uploading.");
      addEventListener("beforeunload", warn);
    } else {
      removeEventListener("beforeunload", warn);
    }
    if (state === "paused") {
      this.find("[data-left]").textContent = "paused";
      this.say("Paused. What came is kept on the server; you can close this page and go on later with the same file.");
    }
    if (state === "cancelled") this.find("[data-left]").textContent = "discarding what came";
  }

  /** The rows of unfinished uploads while this one is on its way: it is none of them then, and the others wait. */
  others(open) {
    for (const row of this.rows) {
      row.hidden = open && row.dataset.url === this.transfer?.address;
      row.querySelector("[data-pick]").disabled = open;
    }
    const card = document.getElementById("unfinished");
    if (card) card.hidden = this.rows.every((row) => row.hidden);
  }

  show(fraction, sent, left) {
    this.bar().value = fraction;
    this.find("[data-percent]").textContent = `${Math.floor(100 * fraction)} %`;
    this.find("[data-sent]").textContent = sent;
    this.find("[data-left]").textContent = left;
  }

  say(words) {
    const place = this.find("[data-said]");
    if (place.textContent !== words) place.textContent = words; // the same words are not read out again
  }

  progressed(sent) {
    if (this.state !== "sending") return;
    const total = this.transfer.file.size;
    this.pace.progressed(sent, total);
    const told = Math.floor(sent / total / TOLD_EACH);
    if (told !== this.toldLast && told > 0) this.say(`${Math.floor((100 * sent) / total)} % uploaded.`);
    this.toldLast = told;
  }

  waits(seconds, why) {
    this.pace.broken();
    this.toldLast = -1;
    this.find("[data-left]").textContent = `next try in ${seconds} s`;
    this.say(why);
  }

  /** Said at its field, which one stands on then; what was chosen stays. */
  refuse(field, words) {
    if (this.wrong(field, words)) this.focus(field);
  }

  focus(field) {
    (field === "archive" ? this.picking.input : this.find(`[name=${field}]`))?.focus();
  }

  wrong(field, words) {
    const sentence = words.charAt(0).toUpperCase() + words.slice(1);
    const place = field === "archive" ? this.find("[data-error=archive]") : this.find(`[data-field=${field}] [data-hint]`);
    if (!place) return false;
    place.textContent = sentence;
    place.closest("details")?.setAttribute("open", "");
    place.closest(".fold:not(.fold--inner)")?.setAttribute("open", "");
    place.closest(".field")?.classList.add("field--wrong");
    this.find(`[data-field=${field}] :is(input, select)`)?.setAttribute("aria-invalid", "true");
    return true;
  }

  clear() {
    this.find("[data-error=archive]").textContent = "";
    for (const control of this.form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
    for (const field of this.form.querySelectorAll(".field--wrong")) {
      field.classList.remove("field--wrong");
      const hint = field.querySelector("[data-hint]");
      if (hint) hint.textContent = hint.dataset.hint;
    }
  }
}

for (const form of document.querySelectorAll("form[data-upload]")) new Upload(form);

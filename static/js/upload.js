// Sends an archive with progress, rate, time left and cancel; errors stand at their fields. Without this script
// the form still works as a plain one.
import { isRefused } from "./ask.js";
import { ofThisTeam } from "./team.js";
import { toast } from "./toast.js";

const UNITS = ["bytes", "kB", "MB", "GB", "TB"];
const RATE_WINDOW_MS = 4_000;
const SERVER_TROUBLE = "The server could not keep the file; its disk may be full. Free some space on it, then try again.";

function bytes(number) {
  let unit = 0;
  while (number >= 1000 && unit < UNITS.length - 1) { number /= 1000; unit += 1; }
  return `${number >= 10 || unit === 0 ? Math.round(number) : number.toFixed(1)} ${UNITS[unit]}`;
}

function duration(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function nameFrom(file) {
  const stem = file.name.replace(/\.(zip|tar|tgz|tbz2|txz|gz|bz2|xz)$/i, "").replace(/\.tar$/i, "");
  const words = stem.replace(/[_-]+/g, " ").trim();
  return (words.charAt(0).toUpperCase() + words.slice(1)).slice(0, 120);
}

class Upload {
  constructor(form) {
    this.form = form;
    this.find = (selector) => form.querySelector(selector);
    this.input = this.find("input[type=file]");
    this.drop = this.find("[data-drop]");
    form.addEventListener("submit", (event) => { event.preventDefault(); this.start(); });
    this.input.addEventListener("change", () => this.chosen());
    this.find("[name=name]")?.addEventListener("input", (event) => { event.target.dataset.typed = ""; });
    this.find("[name=split]").addEventListener("input", () => this.showSplit());
    this.find("[data-cancel]").addEventListener("click", () => this.request?.abort());
    for (const kind of ["dragover", "dragleave", "drop"]) this.drop.addEventListener(kind, (event) => this.dragged(event));
    if (this.input.files.length) this.chosen();
  }

  dragged(event) {
    event.preventDefault();
    this.drop.toggleAttribute("data-over", event.type === "dragover");
    if (event.type !== "drop" || this.request) return;
    if (event.dataTransfer.files.length === 1) {
      this.input.files = event.dataTransfer.files;
      this.chosen();
    } else {
      this.wrong("archive", "One archive at a time: zip the folders into one file, then drop that.");
    }
  }

  chosen() {
    const [file] = this.input.files;
    this.clear();
    if (!file) return;
    this.find("[data-file-name]").textContent = file.name;
    this.find("[data-file-size]").textContent = bytes(file.size);
    this.drop.setAttribute("data-has-file", "");
    const name = this.find("[name=name]");
    if (name && name.dataset.typed === undefined) name.value = nameFrom(file);
  }

  showSplit() {
    const shares = this.find("[name=split]").value.split("/").map((part) => part.trim());
    if (shares.length === 3) this.find("[data-split-words]").textContent = `${shares[0]} % train, ${shares[1]} % validation, ${shares[2]} % test`;
  }

  start() {
    if (this.request) return;
    this.clear();
    if (!this.input.files.length) return this.wrong("archive", "Choose a zip or tar of images first.");
    const request = new XMLHttpRequest();
    this.request = request;
    this.marks = [];
    request.open("POST", this.form.action);
    for (const [name, value] of Object.entries(ofThisTeam({ Accept: "application/json" }))) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => this.progressed(event));
    request.addEventListener("load", () => this.ended(request));
    request.addEventListener("error", () => this.stopped("The connection broke before the file was whole. Nothing was kept; start again when it is back."));
    request.addEventListener("abort", () => this.stopped(""));
    this.running(true);
    request.send(new FormData(this.form));
  }

  running(on) {
    this.find("[data-run]").hidden = !on;
    this.find("[data-cancel]").hidden = !on;
    this.find("[data-start]").disabled = on;
    if (on) this.show(0, "", "");
  }

  show(fraction, sent, left) {
    this.find("[data-bar]").value = fraction;
    this.find("[data-percent]").textContent = `${Math.floor(100 * fraction)} %`;
    this.find("[data-sent]").textContent = sent;
    this.find("[data-left]").textContent = left;
  }

  progressed({ loaded, total }) {
    const now = performance.now();
    this.marks.push([now, loaded]);
    while (this.marks.length > 2 && now - this.marks[0][0] > RATE_WINDOW_MS) this.marks.shift();
    const [since, from] = this.marks[0];
    const rate = now > since ? (1000 * (loaded - from)) / (now - since) : 0;
    const sent = `${bytes(loaded)} of ${bytes(total)}${rate ? ` · ${bytes(rate)}/s` : ""}`;
    this.show(loaded / total, sent, loaded === total ? "saving on the server" : rate ? `${duration((total - loaded) / rate)} left` : "");
  }

  ended(request) {
    const answer = request.response;
    if (request.status < 300 && answer?.url) {
      this.form.dispatchEvent(new Event("synset:sent", { bubbles: true }));
      return location.assign(answer.url);
    }
    if (isRefused(request)) return this.stopped("Nothing was uploaded: you were signed out, or your role does not allow it.");
    const fields = answer?.error?.fields ?? {};
    const known = Object.entries(fields).filter(([field, words]) => this.wrong(field, words));
    this.stopped(known.length ? "" : answer?.error?.message || SERVER_TROUBLE);
  }

  stopped(words) {
    this.request = null;
    this.running(false);
    if (words) {
      this.wrong("archive", words);
      toast(words, "bad");
    }
  }

  wrong(field, words) {
    const sentence = words.charAt(0).toUpperCase() + words.slice(1);
    const place = field === "archive" ? this.find("[data-error=archive]") : this.find(`[data-field=${field}] [data-hint]`);
    if (!place) return false;
    place.textContent = sentence;
    place.closest("details")?.setAttribute("open", "");
    place.closest(".fold:not(.fold--inner)")?.setAttribute("open", "");
    place.closest(".field")?.classList.add("field--wrong");
    return true;
  }

  clear() {
    this.find("[data-error=archive]").textContent = "";
    for (const field of this.form.querySelectorAll(".field--wrong")) {
      field.classList.remove("field--wrong");
      const hint = field.querySelector("[data-hint]");
      if (hint) hint.textContent = hint.dataset.hint;
    }
  }
}

for (const form of document.querySelectorAll("form[data-upload]")) new Upload(form);

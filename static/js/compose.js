// Composing a report: blocks are moved by their grip (dragged, or arrow keys) and by ↑ ↓, and stay where they are put once the server
// knows; a block's form shows what the chosen part asks for.
import { ask, Refused } from "./ask.js";
import { toast } from "./toast.js";

const list = document.querySelector("[data-composed]");
const said = document.querySelector("[data-moved]");
const blocks = () => [...list.children];
let waiting = Promise.resolve(); // moves are sent one after another, in the order in which they were made

function renumber() {
  const all = blocks();
  for (const [index, block] of all.entries()) {
    block.querySelector("[data-place]").textContent = `${index + 1} of ${all.length}`;
    for (const button of block.querySelectorAll("[data-by]")) {
      const place = index + 1 + Number(button.dataset.by);
      button.value = String(place);
      button.disabled = place < 1 || place > all.length;
    }
  }
}

async function send(block) {
  const body = new FormData(block.querySelector("[data-moves]"));
  const place = blocks().indexOf(block) + 1;
  body.set("place", String(place));
  try {
    const answer = await ask(block.dataset.moveUrl, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status === 404 ? "This block is not there any more. Reload the page." : `The server answered ${answer.status}. Reload the page and try again.`);
    said.textContent = `Block moved to place ${place} of ${blocks().length}.`;
  } catch (error) {
    toast(error instanceof Refused || error.message.includes("Reload") ? error.message : "The server cannot be reached, so the new order is not kept. Reload the page.", "bad");
  }
}

function moved(block) {
  renumber();
  waiting = waiting.then(() => send(block));
}

/** One place up or down; the focus stays on what was pressed, or goes to the grip where that cannot be pressed any more. */
function step(block, by, pressed) {
  const other = by < 0 ? block.previousElementSibling : block.nextElementSibling;
  if (!other) return;
  if (by < 0) other.before(block);
  else other.after(block);
  moved(block);
  (pressed.disabled ? block.querySelector("[data-grip]") : pressed).focus();
  block.scrollIntoView({ block: "nearest" });
}

let dragged = null;
let began = -1;
let dropped = false; // inside the list

function startMoving() {
  list.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-moves]")) return;
    event.preventDefault();
    step(event.target.closest("[data-block]"), Number(event.submitter.dataset.by), event.submitter);
  });
  list.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const grip = event.target.closest("[data-grip]");
    if (!grip || !by) return;
    event.preventDefault();
    step(grip.closest("[data-block]"), by, grip);
  });
  list.addEventListener("dragstart", (event) => {
    const grip = event.target.closest?.("[data-grip]");
    if (!grip) return;
    dragged = grip.closest("[data-block]");
    began = blocks().indexOf(dragged);
    dropped = false;
    dragged.toggleAttribute("data-dragged", true);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.id);
    event.dataTransfer.setDragImage(dragged, 20, 20);
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-block]");
    if (!dragged) return;
    event.preventDefault();
    if (!over || over === dragged) return;
    const { top, height } = over.getBoundingClientRect();
    if (event.clientY < top + height / 2) over.before(dragged);
    else over.after(dragged);
  });
  list.addEventListener("drop", (event) => {
    if (!dragged) return;
    event.preventDefault();
    dropped = true;
  });
  list.addEventListener("dragend", () => {
    if (!dragged) return;
    dragged.toggleAttribute("data-dragged", false);
    const before = blocks()[began];
    if (!dropped) { // let go elsewhere, or Escape: back to where it was
      const others = blocks().filter((block) => block !== dragged);
      if (others[began]) others[began].before(dragged);
      else list.append(dragged);
    } else if (before !== dragged) {
      moved(dragged);
    }
    dragged = null;
  });
}

/** Shows the fields that the chosen part asks for, and of those about classes the ones that the choice of classes asks for. */
function arrange(form) {
  const what = form.querySelector("[data-what]")?.value ?? "";
  const of = form.querySelector("[data-of]")?.value ?? "";
  for (const field of form.querySelectorAll("[data-parts]")) {
    const asked = field.dataset.parts.split(" ").includes(what);
    const limited = (field.dataset.limited ?? "").split(" ").includes(what);
    field.hidden = !asked || (limited && field.dataset.ofClasses !== of);
  }
}

function startForm(form) {
  arrange(form);
  form.addEventListener("change", (event) => { if (event.target.matches("[data-what], [data-of]")) arrange(form); });
  form.addEventListener("input", (event) => {
    if (!event.target.matches("[data-ticks-search]")) return;
    const wanted = event.target.value.trim().toLowerCase();
    for (const one of event.target.closest("[data-ticks]").querySelectorAll(".ticks__one")) {
      one.hidden = !one.textContent.toLowerCase().includes(wanted) && !one.querySelector("input").checked;
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("[data-ticks-search]")) event.preventDefault(); // it searches already
  });
}

if (list) startMoving();
for (const form of document.querySelectorAll("[data-block-form]")) startForm(form);

// The list of what was classified: a row is explained; a row, or all that are ticked, is put right.
import { ask } from "./ask.js";
import { openWhy } from "./why.js";
import { openWrong, tell } from "./wrong.js";

const MOST_NAMED = 3;
const form = document.getElementById("rows-form"); // not there for a viewer
const list = document.querySelector(".answered");
const box = (row) => row.querySelector("[name=row]");

/** What the networks thought of next, the class first that most of the rows have there. */
function next(rows) {
  const counts = new Map();
  for (const guess of rows.flatMap((row) => [...row.querySelectorAll("[data-guess]")])) {
    const label = guess.getAttribute("data-guess");
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return [...counts].sort(([, one], [, other]) => other - one).map(([label]) => label);
}

function said(rows) {
  const names = [...new Set(rows.map((row) => row.getAttribute("data-best")))];
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "";
  const odds = rows.length === 1 ? `, ${rows[0].querySelector("[data-odds]").textContent}` : "";
  return `It says ${names.slice(0, MOST_NAMED).join(", ")}${more}${odds}`;
}

/** Of rows, one at least, as the dialog has them. */
function subject(rows) {
  const shown = rows[0].querySelector("img");
  return {
    name: rows.length === 1 ? rows[0].getAttribute("data-file") : `${rows.length} images`,
    said: said(rows),
    next: next(rows),
    learnt: form.getAttribute("data-learnt"),
    draw: (image) => Object.assign(image, { src: shown.src, className: shown.className }),
    add: (body) => body.append("rows", rows.map((row) => box(row).value).join(",")),
    told: (answer) => {
      for (const row of rows) tell(row.querySelector(".answer__put"), answer);
      for (const row of rows) if (box(row).checked) box(row).click(); // as one would, so that the bar counts anew
    },
  };
}

/** Of a row, as the dialog that explains it has it. */
function explained(row, where) {
  const [address, query] = where.split("?");
  const guesses = [...row.querySelectorAll("[data-guess]")].map((each) => [each.getAttribute("data-guess"), each.querySelector("bdi").textContent]);
  return {
    name: row.getAttribute("data-file"),
    network: list.getAttribute("data-network"),
    seen: [[row.getAttribute("data-best-label"), row.getAttribute("data-best")], ...guesses],
    ask: (fields, how) => ask(`${address}?${new URLSearchParams([...new URLSearchParams(query), ...Object.entries(fields)])}`, how),
  };
}

list?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-why]");
  if (button) openWhy(explained(button.closest("tr"), button.getAttribute("data-why")));
});
form?.addEventListener("submit", (event) => event.preventDefault()); // Enter on a box
form?.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.hasAttribute("data-wrong")) openWrong(subject([button.closest("tr")]));
  if (button?.hasAttribute("data-wrong-ticked")) openWrong(subject([...form.querySelectorAll("[name=row]:checked")].map((each) => each.closest("tr"))));
});

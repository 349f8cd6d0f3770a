// "Why…" on the card of a picture: its file is explained, of the networks of the page.
import { ask as asked } from "./ask.js";
import { openWhy } from "./why.js";

function subject({ file, results }, networks, where) {
  const [first, second] = networks;
  return {
    name: file.name,
    network: first.value,
    seen: results.flatMap((result) => result?.top ?? []).map(({ label, name }) => [label, name]),
    ask: (fields, how) => {
      const body = new FormData();
      for (const [name, value] of Object.entries({ experiment: first.value, beside: second?.value ?? "", ...fields })) body.append(name, value);
      body.append("image", file, file.name);
      return asked(where, { method: "POST", body, ...how });
    },
  };
}

/** `of` gives the picture of a button, `networks` those that are asked. */
export function startWhy({ of, networks }) {
  const list = document.getElementById("answers");
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-why]");
    if (button) openWhy(subject(of(button), networks(), list.dataset.explainedBy));
  });
}

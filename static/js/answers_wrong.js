// "This is wrong…" on the card of a picture: its file goes with the class that is right.
import { draw } from "./answers.js";
import { openWrong, tell } from "./wrong.js";

const words = ({ name, probability }) => `${name}, ${(100 * probability).toFixed(1)} %`;

function subject({ file, item, results }, networks) {
  const said = results.flatMap((result, side) => (result?.top?.length ? [`${networks[side]?.name ?? "It"} says ${words(result.top[0])}`] : []));
  return {
    name: file.name,
    said: said.join(" · "),
    next: results.flatMap((result) => (result?.top ?? []).slice(1)).map(({ label }) => label),
    learnt: networks[0]?.dataset,
    draw: (image) => draw(image, file),
    add: (body) => body.append("images", file, file.name),
    told: (answer) => tell(item.querySelector(".answer__put"), answer),
  };
}

/** `of` gives the picture of a button, `networks` those that are asked. */
export function startWrong({ of, networks }) {
  document.getElementById("answers").addEventListener("click", (event) => {
    const button = event.target.closest("[data-wrong]");
    if (button) openWrong(subject(of(button), networks()));
  });
}

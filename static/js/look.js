// Opens the whole picture of an a[data-look] in the dialog #look, beside those of the same [data-look-group]; ← and → go on.
const dialog = document.getElementById("look");
const box = dialog.querySelector("[data-look-images]");
let shown = null; // a group, or a picture that stands alone
let from = 0; // which of its pictures was opened: the focus goes back there

const picturesOf = (group) => (group.matches("a") ? [group] : [...group.querySelectorAll("a[data-look]")]);
const groupOf = (picture) => picture.closest("[data-look-group]") ?? picture;
const groups = () => [...new Set([...document.querySelectorAll("a[data-look]")].map(groupOf))];

function drawn(picture) {
  const [figure, image, words] = ["figure", "img", "figcaption"].map((name) => document.createElement(name));
  const [thumb, small] = [picture.querySelector("img"), picture.closest(".gallery--small") !== null];
  Object.assign(image, { src: picture.href, alt: thumb.alt });
  image.classList.toggle("pixelated", small);
  if (small) image.width = thumb.width * 2;
  const [name, path, was] = ["strong", "note wrap", "tile__was"].map((css) => Object.assign(document.createElement("p"), { className: css }));
  name.textContent = picture.dataset.look;
  path.textContent = picture.dataset.path;
  was.textContent = picture.querySelector(".tile__frame .tile__was")?.textContent ?? "";
  words.append(name, path, was);
  figure.className = "zoom__one";
  figure.append(image, words);
  return figure;
}

/** Shows the pictures of a group. */
export function look(group, at = 0) {
  [shown, from] = [group, at];
  box.replaceChildren(...picturesOf(group).map(drawn));
  if (!dialog.open) dialog.showModal();
}

/** The group that is open, if one is. */
export const looked = () => (dialog.open ? shown : null);

/** Which of its pictures was opened, if one is. */
export const picked = () => (dialog.open ? picturesOf(shown)[from] : null);

/** The one before or behind it, while there is one. */
export function step(by) {
  const all = groups();
  const next = all[all.indexOf(shown) + by];
  if (!next) return;
  next.scrollIntoView({ block: "nearest" });
  look(next);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-look-step]");
  const picture = event.target.closest("a[data-look]");
  if (button) step(Number(button.dataset.lookStep));
  else if (event.target === dialog) dialog.close(); // a click beside the pictures
  if (!picture || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
  event.preventDefault();
  look(groupOf(picture), picturesOf(groupOf(picture)).indexOf(picture));
});
dialog.addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (by) step(by);
});
dialog.addEventListener("close", () => {
  box.replaceChildren();
  picturesOf(shown)[from]?.focus();
});

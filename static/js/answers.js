// The cards of pictures that are classified: each with what one network says, or two side by side.
const SMALL_SIDE = 64; // pixels; up to here a picture is shown pixelated
const template = document.getElementById("answer-template");
const sideTemplate = document.getElementById("side-template");

/** The card of a picture, which shows at once. */
export function card(file) {
  const item = template.content.firstElementChild.cloneNode(true);
  draw(item.querySelector("img"), file);
  item.querySelector(".answer__file").textContent = file.name;
  item.querySelector(".answer__file").title = file.name;
  return item;
}

/** A file as a picture. */
export function draw(image, file) {
  image.src = URL.createObjectURL(file);
  image.addEventListener("load", () => {
    image.classList.toggle("pixels", Math.max(image.naturalWidth, image.naturalHeight) <= SMALL_SIDE);
    URL.revokeObjectURL(image.src);
  }, { once: true });
  image.addEventListener("error", () => { image.replaceWith("no preview"); }, { once: true });
}

/** The card with a place for each of the networks of these names. */
export function withSides(item, names) {
  const box = item.querySelector(".answer__sides");
  while (box.children.length > names.length) box.lastElementChild.remove();
  while (box.children.length < names.length) box.append(sideTemplate.content.firstElementChild.cloneNode(true));
  names.forEach((name, side) => {
    const words = box.children[side].querySelector(".answer__network");
    words.textContent = words.title = name;
  });
  return item;
}

const topOf = (item, side) => item.querySelectorAll(".answer__top")[side];

/** Back to where one waits for that network. */
export function look(item, side) {
  topOf(item, side).replaceChildren(sideTemplate.content.querySelector(".answer__top p").cloneNode(true));
  if (side === 0) delete item.dataset.answered;
}

export function say(item, side, words) {
  const line = document.createElement("p");
  line.className = "bad";
  line.textContent = words;
  topOf(item, side).replaceChildren(line);
  if (side === 0) item.dataset.answered = "error";
}

function guess(top, best) {
  const row = document.createElement("div");
  row.className = best ? "guess guess--best" : "guess";
  const name = document.createElement("span");
  name.className = "cut";
  name.textContent = name.title = top.name;
  const odds = document.createElement("span");
  odds.className = "number";
  odds.textContent = `${(100 * top.probability).toFixed(1)} %`;
  const bar = document.createElement("progress");
  bar.className = "progress progress--thin";
  bar.max = 1;
  bar.value = top.probability;
  bar.setAttribute("aria-label", `${top.name}: ${odds.textContent}`);
  row.append(name, odds, bar);
  return row;
}

function unsureLine() {
  const line = document.createElement("p");
  line.className = "warn strong";
  line.textContent = "Unsure. Its best guesses:";
  return line;
}

/** The training images that the network takes for most alike, each with its class. */
function neighbours(nearest) {
  const box = document.createElement("div");
  const title = document.createElement("p");
  box.className = "answer__near";
  title.className = "note";
  title.textContent = "Nearest training images";
  box.append(title, ...nearest.map(({ thumb, link, name, likeness, small }) => {
    const way = Object.assign(document.createElement("a"), { href: link, title: `${name}, ${likeness.toFixed(3)} alike` });
    way.append(Object.assign(document.createElement("img"), { src: thumb, alt: `${name}, a training image`, width: 44, height: 44, loading: "lazy", className: small ? "pixels" : "" }));
    return way;
  }));
  return box;
}

/** What a network says of the picture; the card can be asked about once one of them has said something. */
export function answer(item, side, result) {
  if (result.error) return say(item, side, result.error);
  const unsure = result.unsure === true; // the best class has less than what was chosen for the network
  const rows = result.top.map((top, index) => guess(top, index === 0 && !unsure));
  const box = topOf(item, side);
  box.replaceChildren(...(unsure ? [unsureLine()] : []), ...rows);
  if (result.nearest?.length) box.append(neighbours(result.nearest));
  if (side === 0) item.dataset.answered = unsure ? "unsure" : "yes";
  item.querySelector(".answer__acts").inert = false;
}

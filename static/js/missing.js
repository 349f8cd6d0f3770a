// A picture in a frame that cannot be had says so, in the place of the browser's own mark: its dataset was put into the trash
// meanwhile, the image was erased, or its file is not on this server.
const FRAMES = ".shot__frame > img, .map-point__frame > img";
const WHY = "This image cannot be shown: it was erased, its dataset lies in the trash, or its file is not on this server.";

function tell(image) {
  const words = document.createElement("span");
  Object.assign(words, { className: "missing", textContent: "no image", title: WHY });
  image.replaceWith(words);
}

const is = (target) => target instanceof HTMLImageElement && target.matches(FRAMES);

document.addEventListener("error", ({ target }) => { if (is(target)) tell(target); }, true); // it does not rise by itself
for (const image of document.querySelectorAll(FRAMES)) if (image.complete && !image.naturalWidth && image.currentSrc) tell(image); // before this ran

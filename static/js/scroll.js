// What scrolls by itself can be scrolled by keyboard: it takes focus while it is wider or higher than its box, and only then.
const BOXES = ".table-box, pre, .tabs";
const ours = new WeakSet(); // boxes whose focus was given here: what the page itself gave stays

function judge(box) {
  const scrolls = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
  if (scrolls && !box.hasAttribute("tabindex")) {
    box.setAttribute("tabindex", "0");
    ours.add(box);
  } else if (!scrolls && ours.delete(box)) box.removeAttribute("tabindex");
}

const sizes = new ResizeObserver((entries) => { for (const { target } of entries) judge(target); });

function watch() {
  for (const box of document.querySelectorAll(BOXES)) sizes.observe(box); // again is no harm
}

document.addEventListener("htmx:load", watch);
document.addEventListener("toggle", (event) => { for (const box of event.target.querySelectorAll(BOXES)) judge(box); }, true);
watch();
for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
  const box = tab.parentElement; // on a phone the tab one is on may lie beyond its edge
  const beyond = tab.offsetLeft + tab.offsetWidth - box.offsetLeft - box.clientWidth;
  if (beyond > 0) box.scrollLeft = beyond + tab.offsetWidth / 2; // so that one sees that more follows
}

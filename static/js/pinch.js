// Two fingers zoom a chart and move it, which Plotly does not know: what lies under their middle stays there. One finger scrolls the
// page, a tap tells what it points at, and two taps show all again. What is looked at changes by Plotly.relayout, as with a mouse, so
// that whoever follows a zoom hears of it. Imports nothing: the file that stands alone holds it too.
const AXES = ["xaxis", "yaxis"];
const SLIP_PX = 8; // less is no move
const ASIDE = 0.5; // of the way along the other axis: less is none
const APART_PX = 32; // fingers that began closer along an axis move it alone: how much they spread says nothing
const FINEST = 1e-9; // of what an axis shows, beside its numbers: beyond that they are no longer told apart
let pinch = null; // two fingers on a chart: one at a time
let frame = 0;

/** The axes that a reader may change. */
const free = (host) => AXES.filter((name) => host._fullLayout?.[name]?.fixedrange === false);

/** Where fingers are along an axis, from its low end in pixels: their middle, and how far they are apart. */
function along({ host, box, fingers }, name) {
  const { _offset: offset, _length: length } = host._fullLayout[name];
  const place = ({ clientX, clientY }) => (name === "xaxis" ? clientX - box.left - offset : length + offset + box.top - clientY);
  const [one, other] = fingers.map(place);
  return { middle: (one + other) / 2, apart: Math.abs(one - other) };
}

/** What an axis shows and where the fingers are as these begin to change it; ends are linear, of dates and powers too. */
function beginning(name) {
  const axis = pinch.host._fullLayout[name];
  const [low, high] = axis.range.map((end) => axis.r2l(end));
  return { name, low, high, ...along(pinch, name) };
}

/** How far fingers went along an axis, together or apart. */
function way({ name, middle, apart }) {
  const now = along(pinch, name);
  return Math.max(Math.abs(now.middle - middle), Math.abs(now.apart - apart));
}

/** Lets those axes follow along which the fingers go: who spreads them sideways wanders a bit up, and an axis that was changed follows
    its values no longer. A second one follows from where the fingers are, so that nothing jumps. */
function join() {
  const ways = pinch.axes.map(way);
  const least = Math.max(SLIP_PX, ASIDE * Math.max(...ways));
  const isFirst = !pinch.axes.some(({ follows }) => follows);
  for (const [place, axis] of pinch.axes.entries()) {
    if (!axis.follows && ways[place] >= least) Object.assign(axis, isFirst ? null : beginning(axis.name), { follows: true });
  }
}

/** The range that keeps what was under the fingers under them. */
function rangeOf({ name, low, high, middle, apart }) {
  const axis = pinch.host._fullLayout[name];
  const now = along(pinch, name);
  const [shown, grown] = [high - low, apart < APART_PX ? 1 : Math.max(now.apart, 1) / apart];
  const least = FINEST * Math.max(Math.abs(low), Math.abs(high), Math.abs(shown));
  const width = Math.sign(shown) * Math.max(least, Math.abs(shown) / grown);
  const from = low + (shown * middle - width * now.middle) / axis._length;
  return [axis.l2r(from), axis.l2r(from + width)];
}

function follow() {
  frame = 0;
  if (!pinch?.host.isConnected) return;
  join();
  const following = pinch.axes.filter(({ follows }) => follows);
  if (!following.length) return;
  window.Plotly.relayout(pinch.host, Object.fromEntries(following.map((axis) => [`${axis.name}.range`, rangeOf(axis)])));
}

const on = (host, event) => [...event.touches].filter(({ target }) => host.contains(target));

function moved(event) {
  if (event.cancelable) event.preventDefault();
  const fingers = on(pinch.host, event);
  if (fingers.length === 2) pinch.fingers = fingers;
  frame ||= requestAnimationFrame(follow);
}

function end() {
  if (!pinch) return;
  const { host } = pinch;
  host.removeEventListener("touchmove", moved);
  host.removeEventListener("touchend", end);
  host.removeEventListener("touchcancel", end);
  if (frame) {
    cancelAnimationFrame(frame);
    follow();
  }
  pinch = null;
}

function begin(host, fingers) {
  pinch = { host, fingers, box: host.getBoundingClientRect() };
  pinch.axes = free(host).map(beginning);
  host.addEventListener("touchmove", moved, { passive: false }); // not before: the page would wait for us while one finger scrolls it
  host.addEventListener("touchend", end, { passive: true });
  host.addEventListener("touchcancel", end, { passive: true });
}

function touched(event) {
  const host = event.currentTarget;
  event.stopPropagation(); // Plotly would count a tap twice, by the finger and by the click that comes of it, and drag by a single finger
  end();
  const fingers = on(host, event);
  if (fingers.length !== 2 || !event.cancelable || !free(host).length) return; // of a scroll that is under way nothing can be held back
  event.preventDefault();
  begin(host, fingers);
}

/** Keeps the page's own zoom away from charts that can be zoomed, and from these alone. */
const mark = (host) => host.toggleAttribute("data-pinch", free(host).length > 0);

document.addEventListener("synset:drawn", ({ target: host }) => {
  host.addEventListener("touchstart", touched, { capture: true, passive: false });
  host.on("plotly_afterplot", () => mark(host));
  mark(host);
});

// Mouse and fingers on a confusion matrix: what is pointed at, a click, the hand that moves a matrix which is larger than its box, and
// two fingers that zoom.
const DRAG_PX = 5; // less is a click

/** `look` gets what the mouse is over (null: nothing), `pick` what was clicked, `open` what was clicked twice: [row, column]. */
export function pointed(view, { look, pick, open }) {
  const { canvas } = view;
  const down = new Map(); // pointer → where it is on the canvas
  let from = null;
  let moved = false;

  const pointOf = (event) => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
  const apart = ([x, y], [other, low]) => Math.hypot(x - other, y - low);

  function drag(event, here) {
    const before = down.get(event.pointerId);
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    if (other) view.zoom(apart(here, other) / (apart(before, other) || 1), (here[0] + other[0]) / 2, (here[1] + other[1]) / 2);
    const fingers = down.size; // of two each moves what lies between them by half of its way
    view.pan((before[0] - here[0]) / fingers, (before[1] - here[1]) / fingers);
    down.set(event.pointerId, here);
    moved = true;
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || down.size === 2) return;
    if (!down.size) moved = false;
    from = pointOf(event);
    down.set(event.pointerId, from);
    if (view.isZoomed || down.size === 2) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const here = pointOf(event);
    const drags = down.has(event.pointerId) && (view.isZoomed || down.size === 2);
    if (!drags) return look(view.find(...here));
    if (moved || down.size === 2 || apart(here, from) > DRAG_PX) drag(event, here);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (!down.delete(event.pointerId) || moved) return;
    const place = view.find(...pointOf(event));
    if (place) pick(place);
  });
  canvas.addEventListener("pointercancel", (event) => down.delete(event.pointerId));
  canvas.addEventListener("pointerleave", () => look(null));
  canvas.addEventListener("dblclick", (event) => { const place = view.find(...pointOf(event)); if (place) open(place); });
  canvas.addEventListener("touchstart", (event) => { if (event.touches.length > 1) event.preventDefault(); }, { passive: false }); // they zoom here, not the page
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // else the page scrolls
    event.preventDefault();
    view.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, ...pointOf(event));
  }, { passive: false });
}

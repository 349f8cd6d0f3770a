// The map by keyboard: a cross that arrows move, in place of a pointer; Enter opens the image under it, Space chooses those around it.
const STEP = 16; // pixels
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** `reach`: pixels around the cross that belong to it. */
export function keyboard(plane, reach) {
  const { canvas } = plane;
  const held = (value, most) => Math.min(most, Math.max(0, value));

  /** Where the cross begins: on the point nearest to the middle, however far that is. */
  function begin() {
    const [middle, down] = [plane.width / 2, plane.height / 2];
    const [point = -1] = plane.near(middle, down, Math.hypot(middle, down));
    return point < 0 ? { x: middle, y: down } : { x: plane.left + plane.zoom * plane.x[point], y: plane.top + plane.zoom * plane.y[point] };
  }

  function step(cross, [across, down], far) {
    plane.cross = { x: held(cross.x + across * far, plane.width), y: held(cross.y + down * far, plane.height), reach };
    const [point = -1] = plane.near(plane.cross.x, plane.cross.y, reach);
    plane.tell("hover", { point, ...plane.cross });
    plane.over();
  }

  function open(cross) {
    const [point = -1] = plane.near(cross.x, cross.y, reach);
    if (point >= 0) plane.tell("pick", { point });
  }

  canvas.addEventListener("keydown", (event) => {
    const cross = plane.cross ?? begin();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (WAYS[event.key]) step(cross, WAYS[event.key], event.shiftKey ? 4 * STEP : STEP);
    else if (event.key === "Enter") open(cross);
    else if (event.key === " ") plane.tell("lasso", { points: plane.near(cross.x, cross.y, reach) });
    else if (event.key === "+" || event.key === "=") plane.zoomBy(1.4, cross.x, cross.y);
    else if (event.key === "-") plane.zoomBy(1 / 1.4, cross.x, cross.y);
    else if (event.key === "0") plane.fit();
    else if (event.key === "Escape") plane.tell("lasso", { points: [] });
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  canvas.addEventListener("blur", () => { plane.cross = null; plane.over(); });
}

// How far curves are smoothed: a share of the run, the same for epochs and for steps, kept in this browser. At each point stands the
// mean of what lies within half of that before and after it; what was measured stays behind it, pale.
const KEPT = "synset_smoothing";
const BY_EPOCH = new Set(["loss", "accuracy", "error"]); // the server smooths what is drawn by step: it has every step
const PALE = 0.35;
const slider = document.getElementById("smoothing");

const share = () => Number(slider.value) / 100;
export const smoothing = share;

/** Means over a window of x; null where nothing was measured. Both ends of the window move on together. */
export function means(x, y, window) {
  const found = new Array(x.length).fill(null);
  let low = 0;
  let high = 0;
  let sum = 0;
  let count = 0;
  const take = (value, sign) => { if (value !== null) { sum += sign * value; count += sign; } };
  for (let i = 0; i < x.length; i += 1) {
    while (high < x.length && x[high] <= x[i] + window / 2) take(y[high++], 1);
    while (x[low] < x[i] - window / 2) take(y[low++], -1);
    if (y[i] !== null && count) found[i] = sum / count;
  }
  return found;
}

/** The figure with a smoothed curve over each of its own; the figure itself where that would be the same. */
export function smoothed(figure) {
  const range = figure.layout?.xaxis?.range;
  if (!BY_EPOCH.has(figure.layout?.uirevision) || !range || !share()) return figure;
  const window = share() * (range[1] - range[0]);
  const curves = figure.data.map((trace) => ({ trace, y: means(trace.x, trace.y, window) }));
  const moved = curves.filter(({ trace, y }) => y.some((value, i) => value !== null && Math.abs(value - trace.y[i]) > 1e-12));
  if (!moved.length) return figure;
  const pale = new Set(moved.map(({ trace }) => trace));
  return {
    ...figure,
    data: [
      ...figure.data.map((trace) => (pale.has(trace) ? { ...trace, opacity: PALE } : trace)),
      ...moved.map(({ trace, y }) => ({ ...trace, y, name: `${trace.name}, smoothed`, mode: "lines" })),
    ],
  };
}

/** Calls whenever the reader chose another smoothing, and at once where an earlier visit did. */
export function onSmoothing(act) {
  const sent = slider.value;
  slider.value = localStorage.getItem(KEPT) ?? sent;
  tell();
  if (slider.value !== sent) act();
  slider.addEventListener("keydown", (event) => event.stopPropagation()); // the arrows are its own, not the epochs'
  slider.addEventListener("input", () => {
    localStorage.setItem(KEPT, slider.value);
    tell();
    act();
  });
}

function tell() {
  document.getElementById("smoothing-words").textContent = share() ? `${slider.value} % of the run` : "off";
}

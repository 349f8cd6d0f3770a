// A report on paper: in light colours, with everything unfolded and charts as wide as the sheet; and as on screen again afterwards.
// [data-print] prints. Charts hear of a change of colours by `synset:theme`.
const SHEET_PX = 686; // A4 less its margins, at 96 px an inch
const CARD_PX = 34; // of it left and right of a chart
const root = document.documentElement;
let before = null;

function colours(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  document.dispatchEvent(new CustomEvent("synset:theme"));
}

function charts() {
  return [...document.querySelectorAll("[data-chart][data-drawn]")];
}

function widen() {
  for (const host of charts()) window.Plotly?.relayout(host, { autosize: false, width: SHEET_PX - CARD_PX });
}

function toPaper() {
  if (before) return;
  before = { theme: root.dataset.theme || "", folds: [...document.querySelectorAll("details[data-print-open]:not([open])")] };
  for (const fold of before.folds) fold.open = true;
  colours("light");
}

function toScreen() {
  if (!before) return;
  const { theme, folds } = before;
  before = null;
  for (const fold of folds) fold.open = false;
  colours(theme);
  for (const host of charts()) window.Plotly?.relayout(host, { autosize: true, width: undefined });
}

window.addEventListener("beforeprint", toPaper);
window.addEventListener("afterprint", toScreen);
document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) window.print(); });
// After charts.js, which draws them as wide as the screen's column.
document.addEventListener("synset:theme", () => { if (before) widen(); });

// The catalogue: a click on a point of the chart leads to its row; the table is the keyboard's way to the same.
import { drawn } from "./charts.js";

const host = document.getElementById("costs-chart");
const search = document.querySelector("[data-table-search=models]");

function lead(name) {
  const row = document.getElementById(`model-${name}`);
  if (!row) return;
  if (row.hidden) {
    search.value = "";
    search.dispatchEvent(new Event("input"));
  }
  for (const other of document.querySelectorAll("#models [aria-current]")) other.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  row.scrollIntoView({ block: "center" });
  row.focus({ preventScroll: true });
}

drawn.then(() => host?.on?.("plotly_click", (event) => lead(event.points[0].customdata)));

// Two networks side by side: where they name the same class, how often, and the pictures on which they differ alone.
const Z = 1.96; // of an interval of 95 %
const list = document.getElementById("answers");
const box = document.getElementById("agreement");
const differing = document.getElementById("differing");

/** Wilson's interval of a share (1927), in per cent. */
export function interval(hits, count) {
  const share = hits / count;
  const wide = Z * Math.sqrt((share * (1 - share)) / count + (Z * Z) / (4 * count * count));
  return [-wide, wide].map((by) => (100 * (share + (Z * Z) / (2 * count) + by)) / (1 + (Z * Z) / count));
}

const called = (top) => [top.label, top.name].map((name) => name.toLowerCase());

/** Whether the best classes are the same: by label, or by what people call them, for networks have classes of their own. */
export function agree([first, second]) {
  return called(first.top[0]).some((name) => called(second.top[0]).includes(name));
}

/** Marks each picture that both have named, and says how often they agree. */
export function compare(shown, isBeside) {
  const both = isBeside ? shown.filter(({ results }) => results.every((result) => result?.top?.length)) : [];
  for (const { item } of shown) delete item.dataset.agree;
  for (const { item, results } of both) item.dataset.agree = agree(results) ? "yes" : "no";
  for (const { item } of shown) item.querySelector("[data-differs]").hidden = item.dataset.agree !== "no";
  box.hidden = !isBeside;
  const same = both.filter(({ item }) => item.dataset.agree === "yes").length;
  document.getElementById("agreement-words").textContent = both.length ? words(same, both.length) : "Drop pictures to see where both say the same.";
}

function words(same, count) {
  const [low, high] = interval(same, count).map((end) => end.toFixed(1));
  return `Both name the same class on ${same} of ${count} ${count === 1 ? "picture" : "pictures"}: ${((100 * same) / count).toFixed(1)} % (95 % interval ${low} to ${high}).`;
}

/** The address tells which networks are asked, so that the page can be loaded again and passed on. */
export function address(selects) {
  const here = new URL(location.href);
  for (const { name, value } of selects) {
    if (value) here.searchParams.set(name, value);
    else here.searchParams.delete(name);
  }
  history.replaceState(history.state, "", here);
}

function showDiffering() {
  list.toggleAttribute("data-only-differing", differing.checked);
}

differing.addEventListener("change", showDiffering);
showDiffering();

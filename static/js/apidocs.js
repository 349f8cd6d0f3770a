// The API page: finds calls by word. The page reads well without it.
const find = document.querySelector("[data-find]");
const found = document.querySelector("[data-found]");

function show(words) {
  let calls = 0;
  for (const call of document.querySelectorAll("[data-call]")) {
    const text = call.dataset.call.toLowerCase();
    call.hidden = !words.every((word) => text.includes(word));
    if (!call.hidden && call.matches("article")) calls += 1;
  }
  for (const group of document.querySelectorAll("[data-group]")) {
    group.hidden = !group.querySelector("[data-call]:not([hidden])");
  }
  found.textContent = words.length ? `${calls} ${calls === 1 ? "call" : "calls"} found` : "";
}

find.addEventListener("input", () => show(find.value.toLowerCase().split(/\s+/).filter(Boolean)));

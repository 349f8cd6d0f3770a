// The page of the search: ↓ leaves the field for the first result, ↑ on it comes back. Between them the arrows go by roving.js;
// the address follows what is asked, so that going back from a result finds it again.
const field = document.getElementById("question");
const hits = () => [...document.querySelectorAll("#hits a.found__hit")];

document.addEventListener("keydown", (event) => {
  const first = hits()[0];
  if (event.key === "ArrowDown" && event.target === field && first) first.focus();
  else if (event.key === "ArrowUp" && event.target === first) field.focus();
  else return;
  event.preventDefault();
});
document.addEventListener("htmx:afterSwap", () => {
  history.replaceState(null, "", field.value ? `?q=${encodeURIComponent(field.value)}` : location.pathname);
});

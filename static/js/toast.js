// Short messages in the corner, read out by screen readers; errors stay until they are dismissed.
const STAYS_MS = 6000;

/** tone: "", "good", "warn" or "bad". Text only: nothing is parsed as markup. `link` {href, words} follows it. */
export function toast(words, tone = "", link = null) {
  const box = document.createElement("div");
  box.className = tone ? `toast toast--${tone}` : "toast";
  box.dataset.toast = "";
  const text = document.createElement("span");
  text.className = "toast__words";
  text.textContent = words;
  if (link) {
    const way = document.createElement("a");
    Object.assign(way, { href: link.href, textContent: link.words });
    text.append(" ", way);
  }
  const close = document.createElement("button");
  close.className = "toast__close";
  close.type = "button";
  close.addEventListener("click", () => box.remove()); // pages of share links and snapshots are without app.js
  close.setAttribute("aria-label", "Dismiss");
  close.textContent = "×";
  box.append(text, close);
  document.getElementById("toasts")?.append(box);
  if (tone !== "bad") setTimeout(() => box.remove(), STAYS_MS);
  return box;
}

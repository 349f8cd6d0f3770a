// [data-unfolds="ID"]: on a phone what would stand above the images is folded away (datasets.css) until this button is pressed.
for (const button of document.querySelectorAll("[data-unfolds]")) {
  const part = document.getElementById(button.dataset.unfolds);
  button.addEventListener("click", () => {
    const open = part.toggleAttribute("data-open");
    button.setAttribute("aria-expanded", String(open));
    if (open) part.scrollIntoView({ block: "nearest" });
  });
}

// A part of a page whose markup the server made anew.

/** Without the token, which differs each time, and without what the reader has unfolded. */
const saying = (html) => html.replace(/name="csrfmiddlewaretoken" value="\w+"/g, "").replace(/(<details[^>]*) open=""/g, "$1");

/** Whether both pieces of markup say the same. */
export const alike = (one, other) => saying(one) === saying(other);

/** Shows the fresh element's content, unless it says the same: a button that is being pressed must not be replaced by its twin.
    Whoever stood on something with an id stands on it still, and what was unfolded stays so. */
export function renew(part, fresh) {
  if (alike(part.innerHTML, fresh.innerHTML)) return;
  const at = part.contains(document.activeElement) ? document.activeElement.id : "";
  const unfolded = [...part.querySelectorAll("details[open][id]")].map((fold) => fold.id);
  part.innerHTML = fresh.innerHTML;
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  if (at) document.getElementById(at)?.focus();
}

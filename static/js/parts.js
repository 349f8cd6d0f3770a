// A part of a page whose markup the server made anew.

const withoutToken = (html) => html.replace(/name="csrfmiddlewaretoken" value="\w+"/g, ""); // differs each time

/** Whether both pieces of markup say the same. */
export const alike = (one, other) => withoutToken(one) === withoutToken(other);

/** Shows the fresh element's content, unless it says the same: a button that is being pressed must not be replaced by its twin.
    Whoever stood on something with an id stands on it still. */
export function renew(part, fresh) {
  if (alike(part.innerHTML, fresh.innerHTML)) return;
  const at = part.contains(document.activeElement) ? document.activeElement.id : "";
  part.innerHTML = fresh.innerHTML;
  if (at) document.getElementById(at)?.focus();
}

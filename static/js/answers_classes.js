// The classes that a network, or a dataset, has: asked once while the page is open, offered in a list as one types.
import { ask } from "./ask.js";

const asked = new Map(); // address → what the server said

/** [label, name] of the classes of the thing that the field names; none where it does not say. */
export async function classesOf(address, field, value) {
  const where = `${address}?${new URLSearchParams({ [field]: value })}`;
  if (!asked.has(where)) {
    try {
      const answer = await ask(where, { headers: { Accept: "application/json" } });
      if (answer.ok) asked.set(where, (await answer.json()).classes);
    } catch { /* asked again the next time */ }
  }
  return asked.get(where) ?? [];
}

/** They are what a field's list offers. */
export function fill(options, classes) {
  options.replaceChildren(...classes.map(([label, name]) => new Option(name, label)));
}

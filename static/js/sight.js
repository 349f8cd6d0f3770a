// What is in sight: work for what nobody looks at waits until somebody does.
const unseen = new WeakSet();
const acts = new Map(); // element → what is to be done when it comes into sight
const sight = new IntersectionObserver((entries) => {
  const due = new Set();
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) {
      unseen.delete(target);
      due.add(acts.get(target));
    } else unseen.add(target);
  }
  for (const act of due) act();
});

/** Whether somebody may be looking at it. */
export const isSeen = (element) => !document.hidden && !unseen.has(element);

/** Calls whenever one of them comes into sight, once for all that do together; where they are in sight at first, soon. */
export function onSight(elements, act) {
  for (const element of elements) {
    acts.set(element, act);
    sight.observe(element);
  }
}

/** The same work while the page is in front; what was left out meanwhile is done once as it comes to the front again. */
export function inFront(work) {
  let missed = false;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !missed) return;
    missed = false;
    work();
  });
  return () => {
    missed = document.hidden;
    if (!missed) work();
  };
}

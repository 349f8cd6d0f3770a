// Pictures that are taken out of a page while they are on their way: the browser would go on to fetch each of them, and whoever turns
// over many images would wait for those that nobody looks at any more.

/** Those of some elements that have not come are no longer asked for. */
export function letGo(elements) {
  for (const element of elements) {
    for (const image of element.querySelectorAll("img")) if (!image.complete) image.removeAttribute("src");
  }
}

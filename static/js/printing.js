// a[data-printed]: sheets that the server prints, which takes seconds: the page says so, and the button takes no second click
// until they are there. Without this script it is a plain link. Pages of share links have it too.
import { ask, Refused } from "./ask.js";
import { toast } from "./toast.js";

const NAMED = /filename="([^"]+)"/;
const FREED_MS = 60_000; // by then the browser has written the file
const FAILED = "It could not be printed. Print the page with your own browser.";

function save(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), FREED_MS);
}

/** Where it does not go the server leads to a page that says why, in a message or as [data-said]. */
async function printed(link) {
  const answer = await ask(link.href);
  if (answer.headers.get("Content-Type") === "application/pdf") {
    return save(await answer.blob(), NAMED.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "report.pdf");
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return toast(page.querySelector("#toasts .toast__words, [data-said]")?.textContent.trim() || FAILED, "bad");
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-printed]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.ariaBusy === "true") return;
  link.ariaBusy = "true";
  const told = toast("Printing it on sheets of A4, which takes some seconds.");
  try {
    await printed(link);
  } catch (error) {
    if (!(error instanceof Refused)) toast(FAILED, "bad"); // who was signed out has been told
  } finally {
    link.ariaBusy = null;
    told.remove();
  }
});

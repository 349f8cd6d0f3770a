// What is chosen on an upload form: an archive, a folder or several files, by its buttons or dropped. A form that adds images to a
// dataset (data-adds-to) takes single images too, and those that are dropped on a class's row of the page's table, or on a gallery: then
// they are of the class that it shows alone, if it does. So does one that has images classified (data-images), without such rows.
import { areArchives, areSeveral, entriesOf, isOneFile, plainEntry, tarOfEntries, tarOfPicked } from "./folder.js";

const ONE_ARCHIVE = "One archive at a time: drop one of them, or the folder of images as it is.";
const UNREAD = /\.(rar|7z|zst|lz4|lzh|arj|cab|iso|dmg)$/i; // archives that no import reads, however long they were uploaded
const TELLS = /\.(csv|tsv|txt|json|jsonl|ndjson|mat)$/i; // what may say of images which class they are of

/** `told` has isBusy(), clears(), takes(file or null) of a file or a Tar, refuses(words) and says(words); where a form makes several
    datasets at once, takesEach(entries) and mayTakeEach(entries) too: archives are one each, folders may be the classes of one. */
export class Picking {
  constructor(form, told) {
    const find = (selector) => form.querySelector(selector);
    this.told = told;
    this.form = form;
    this.input = find("input[type=file]");
    this.folder = find("[data-folder]");
    this.button = find("[data-pick-folder]");
    this.place = find("[data-drop]");
    this.label = find("select[name=label]");
    this.images = Boolean(this.label) || form.dataset.images !== undefined; // single images are taken, too
    this.reading = null; // a mark of the folder that is being read
    this.button.hidden = false;
    if (told.takesEach) this.input.multiple = true;
    this.button.addEventListener("click", () => this.folder.click());
    this.input.addEventListener("change", () => this.chosen());
    this.folder.addEventListener("change", () => this.gather(() => tarOfPicked(this.folder.files)));
    for (const kind of ["dragover", "dragleave", "drop"]) {
      this.place.addEventListener(kind, (event) => this.dragged(this.place, event));
      if (this.label) document.addEventListener(kind, (event) => this.draggedOver(event)); // rows of the table come and go
    }
  }

  /** Opens the browser's own choice. */
  ask(isFolder) {
    (isFolder ? this.folder : this.input).click();
  }

  set disabled(off) {
    this.input.disabled = this.button.disabled = off;
  }

  /** What is said where nothing was chosen yet. */
  get missing() {
    if (this.reading) return "The folder is still being read.";
    return this.images ? "Choose images, a folder or an archive first." : "Choose a zip or tar, or a folder of images, first.";
  }

  chosen() {
    const files = [...this.input.files];
    const names = files.map(({ name }) => ({ isFile: true, name }));
    if (!files.length || (isOneFile(names) && (!this.images || areArchives(names)))) this.take(files[0]);
    else if (areArchives(names)) this.each(files.map(plainEntry));
    else this.gather(() => tarOfPicked(files));
  }

  draggedOver(event) {
    const row = event.target.closest?.("[data-drop-class], [data-drop-gallery]");
    if (row) this.dragged(row, event);
  }

  dragged(row, event) {
    if (!event.dataTransfer.types.includes("Files")) return; // a text or a link goes where the browser takes it
    event.preventDefault();
    row.toggleAttribute("data-over", event.type === "dragover");
    if (event.type !== "drop" || this.told.isBusy()) return;
    if (row !== this.place) this.show(row.dataset.dropClass ?? document.getElementById("matching").dataset.class);
    const entries = entriesOf(event.dataTransfer);
    if (isOneFile(entries) && (!this.images || areArchives(entries))) {
      this.input.files = event.dataTransfer.files;
      this.take(this.input.files[0]);
    } else if (areArchives(entries) || (this.told.takesEach && areSeveral(entries) && entries.some(({ isFile }) => isFile))) {
      this.each(entries);
    } else {
      this.gather((told) => tarOfEntries(entries, told));
      if (this.told.mayTakeEach && areSeveral(entries)) this.told.mayTakeEach(entries);
    }
  }

  /** Archives, and folders among them: a dataset each. */
  each(entries) {
    if (!this.told.takesEach) return this.told.refuses(ONE_ARCHIVE);
    this.reading = null;
    this.told.clears();
    return this.told.takesEach(entries);
  }

  /** Whether nothing says the class of what was chosen: single images, without a folder or a table that would. */
  lacksClass({ files }) {
    return this.label?.value === "" && Boolean(files?.every(({ path }) => !path.includes("/") && !TELLS.test(path)));
  }

  /** The form, with that class: a row of the page, or its gallery, took what was dropped. */
  show(label) {
    const known = [...this.label.options].some(({ value }) => value === label);
    if (!known) this.label.add(new Option(label, label)); // one of the many that a page does not name
    this.label.value = label;
    const dialog = this.form.closest("dialog");
    if (!dialog) this.form.scrollIntoView({ block: "nearest" });
    else if (!dialog.open) dialog.showModal();
  }

  take(file) {
    this.reading = null;
    if (file && UNREAD.test(file.name)) {
      this.told.clears();
      this.input.value = "";
      return this.told.refuses(`The archive ${file.name} is of a kind that is not read. Unpack it on your computer, then drop the folder here as it is, or pack it as a zip.`);
    }
    return this.told.takes(file ?? null);
  }

  /** A folder, or several files: `read(told)` makes one Tar of them. */
  async gather(read) {
    const reading = (this.reading = {});
    this.told.clears();
    this.input.value = "";
    const told = (number) => this.reading === reading && this.told.says(`Reading the folder: ${number.toLocaleString("en")} files so far.`);
    try {
      const tar = await read(told);
      if (this.reading !== reading || this.told.isBusy()) return; // another one was picked meanwhile
      this.told.says("");
      await this.take(tar.count ? tar : null);
      if (!tar.count) this.told.refuses("There are no files in this folder.");
    } catch (trouble) {
      this.reading = null;
      this.told.says("");
      this.told.refuses(trouble.message);
    } finally {
      this.folder.value = ""; // the same one can be picked again
    }
  }
}

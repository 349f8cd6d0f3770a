// Files of a folder that was dropped or picked as it is, each with its path from that folder on.
import { Tar } from "./tar.js";

// Files that are parts of one set as it is downloaded: MNIST's four, ILSVRC's three tars, the tars of its classes
const PART = /^((.*[-_.])?(images|labels)[-_.]idx[1-4]-(u?byte|int|short)(\.gz)?|ILSVRC2012_(img_(train|val)|devkit_t\d+)\.tar(\.gz)?|n\d{8}\.tar)$/i;
const IMAGE = /\.(jpe?g|png|bmp|gif|tiff?|webp|p[bgpn]m)$/i;
const ARCHIVE = /\.(zip|tar|tgz|tbz2|txz|gz|bz2|xz)$/i;

/** What was dropped, as entries of its file system; to be called before the drop event ends. */
export function entriesOf({ items, files }) {
  const entries = [...items].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry?.() ?? null);
  return entries.every(Boolean) && entries.length ? entries : [...files].map(plainEntry);
}

/** A file as an entry, where the browser gives none. */
export const plainEntry = (file) => ({ isFile: true, name: file.name, fullPath: `/${file.name}`, file: (give) => give(file) });

/** Whether it is sent as it is: an archive, or what may be one; a single image is sent in one. */
export const isOneFile = (entries) => entries.length === 1 && entries[0].isFile && !IMAGE.test(entries[0].name);
/** Whether each is an archive for itself, and not all together are the parts of one set. */
export const areArchives = (entries) => entries.every(({ isFile, name }) => isFile && ARCHIVE.test(name)) && !areParts(entries);
/** Whether each would be a dataset for itself: an archive, or a folder. */
export const areSeveral = (entries) => entries.length > 1 && !areParts(entries) && entries.every(({ isFile, name }) => !isFile || ARCHIVE.test(name));
const areParts = (entries) => entries.length > 1 && entries.every(({ isFile, name }) => isFile && PART.test(name));

/** All files of the entries as one tar; `told(number)` hears how many there are so far. Throws where something cannot be read. */
export async function tarOfEntries(entries, told) {
  const found = [];
  await walk(entries, found, told);
  return tarOf(found);
}

/** The same of a folder that was picked. */
export const tarOfPicked = (files) => tarOf([...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })));

function tarOf(found) {
  return new Tar(`${nameOf(found)}.tar`, found);
}

/** The folder's name, or that of a single file; of several, the first one's. */
function nameOf(found) {
  const roots = [...new Set(found.map(({ path }) => (path.includes("/") ? path.slice(0, path.indexOf("/")) : "")))].sort();
  const named = roots.filter(Boolean);
  if (!named.length) named.push(...found.map(({ path }) => path.replace(/(.)\.\w+$/, "$1")).sort());
  if (!named.length) return "files";
  return named.length === 1 ? named[0] : `${named[0]} and ${named.length - 1} more`;
}

async function walk(entries, found, told) {
  found.push(...(await Promise.all(entries.filter(({ isFile }) => isFile).map(fileOf))));
  told(found.length);
  for (const folder of entries.filter(({ isFile }) => !isFile)) {
    const reader = folder.createReader();
    const next = () => asked(folder, (give, fail) => reader.readEntries(give, fail));
    for (let some = await next(); some.length; some = await next()) await walk(some, found, told); // it gives a hundred at a time
  }
}

export const fileOf = async (entry) => ({ path: entry.fullPath.slice(1), file: await asked(entry, (give, fail) => entry.file(give, fail)) });

function asked(entry, ask) {
  const words = `${entry.fullPath.slice(1)} cannot be read. Close what uses it, or leave it out, and drop the folder again.`;
  return new Promise(ask).catch(() => { throw new Error(words); });
}

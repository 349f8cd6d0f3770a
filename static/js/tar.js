// A folder's files as one uncompressed tar that is never whole anywhere: `slice` reads just the files that a part holds, so that
// a hundred thousand files take no more memory than their names. Equal files give equal bytes, which is what lets an upload go on.

const BLOCK = 512;
const NAME_BYTES = 100; // of a header's own field; a longer or foreign name stands in a record of its own (pax)
const MOST_OCTAL = 0o77777777777; // bytes or seconds that a header's own field can say
const TYPE_FILE = "0";
const TYPE_PAX = "x";
const utf8 = new TextEncoder();

/** A file is not what it was when the folder was picked. */
export class Changed extends Error {
  constructor(path) {
    super(`The file ${path} was changed, moved or cannot be read since you picked the folder. Pick the folder again.`);
  }
}

const padded = (bytes) => Math.ceil(bytes / BLOCK) * BLOCK;
const isPlain = (name) => name.length <= NAME_BYTES && name.every((byte) => byte > 31 && byte < 127);

/** One record of a pax header, "18 path=…\n", whose length counts itself. */
function record(key, value) {
  const rest = [...utf8.encode(` ${key}=`), ...value, 10];
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return [...utf8.encode(String(length)), ...rest];
}

/** The records that a file needs beside its header; none for most. */
function records(name, size) {
  const path = isPlain(name) ? [] : record("path", name);
  const bytes = size > MOST_OCTAL ? record("size", utf8.encode(String(size))) : [];
  return Uint8Array.from([...path, ...bytes]);
}

function header(name, size, seconds, type) {
  const block = new Uint8Array(BLOCK);
  const put = (text, at) => block.set(utf8.encode(text), at);
  const octal = (number, digits) => Math.min(number, MOST_OCTAL).toString(8).padStart(digits, "0");
  block.set(name.subarray(0, NAME_BYTES), 0);
  put(`${octal(0o644, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0${octal(size, 11)}\0${octal(seconds, 11)}\0        ${type}`, NAME_BYTES);
  put("ustar\x0000", 257);
  put(`${octal(block.reduce((sum, byte) => sum + byte, 0), 6)}\0 `, 148); // over the header with blanks in this field's place
  return block;
}

/** Tells one choice of files from another, in a whole number of 53 bits. */
function mark(files) {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (const { path, file } of files) {
    for (const letter of `${path}\n${file.size}\n${file.lastModified}\n`) {
      const code = letter.codePointAt(0);
      high = Math.imul(high ^ code, 2654435761);
      low = Math.imul(low ^ code, 1597334677);
      high ^= low >>> 15;
    }
  }
  return 4294967296 * (high & 0x1fffff) + (low >>> 0);
}

/** What `Transfer` needs of a file: name, size, lastModified and slice. `files` is [{ path, file }]. */
export class Tar {
  constructor(name, files) {
    this.name = name;
    this.files = [...files].sort((one, other) => (one.path < other.path ? -1 : Number(one.path > other.path)));
    this.count = files.length;
    this.sizes = Float64Array.from(this.files, ({ file }) => file.size);
    this.starts = new Float64Array(this.count + 1);
    for (let place = 0; place < this.count; place += 1) {
      const extra = records(utf8.encode(this.files[place].path), this.sizes[place]).length;
      this.starts[place + 1] = this.starts[place] + (extra ? BLOCK + padded(extra) : 0) + BLOCK + padded(this.sizes[place]);
    }
    this.size = this.starts[this.count] + 2 * BLOCK; // two empty blocks end it
    this.lastModified = mark(this.files);
  }

  /** The bytes from one place to another, read now and at once: file by file takes several times as long. Throws Changed. */
  async slice(from, to) {
    const end = Math.min(to, this.size);
    const first = this.holding(from);
    const pieces = [];
    let place = first;
    for (; place < this.count && this.starts[place] < end; place += 1) pieces.push(...this.member(place, from, end));
    pieces.push(new Uint8Array(Math.max(0, end - Math.max(from, this.starts[this.count]))));
    const bytes = await new Blob(pieces).arrayBuffer().catch(() => null);
    if (bytes?.byteLength !== end - from) throw await this.changed(first, place);
    return new Blob([bytes]);
  }

  /** Which of those files it is that cannot be read as it was; the browser tells by any byte of it. */
  async changed(first, behind) {
    for (let place = first; place < behind; place += 1) {
      const size = this.sizes[place];
      const last = await this.files[place].file.slice(Math.max(0, size - 1), size).arrayBuffer().catch(() => null);
      if (last?.byteLength !== Math.min(1, size)) return new Changed(this.files[place].path);
    }
    return new Changed(this.files[first].path);
  }

  /** The file in whose bytes that place is. */
  holding(offset) {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle + 1] <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Of one file's header, bytes and padding what lies between the two places. */
  member(place, from, end) {
    const head = this.head(place);
    const first = this.starts[place] + head.length;
    const last = first + this.sizes[place];
    const within = (start, length) => [from - start, end - start].map((at) => Math.min(length, Math.max(0, at)));
    const [padFrom, padTo] = within(last, this.starts[place + 1] - last);
    const bytes = this.files[place].file.slice(...within(first, this.sizes[place]));
    return [head.subarray(...within(this.starts[place], head.length)), bytes, new Uint8Array(padTo - padFrom)];
  }

  head(place) {
    const { path, file } = this.files[place];
    const name = utf8.encode(path);
    const seconds = Math.max(0, Math.floor(file.lastModified / 1000));
    const extra = records(name, this.sizes[place]);
    const own = header(name, this.sizes[place], seconds, TYPE_FILE);
    if (!extra.length) return own;
    const whole = new Uint8Array(BLOCK + padded(extra.length) + BLOCK);
    whole.set(header(utf8.encode("././@PaxHeader"), extra.length, seconds, TYPE_PAX), 0);
    whole.set(extra, BLOCK);
    whole.set(own, whole.length - BLOCK);
    return whole;
  }
}

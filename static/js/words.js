// Sizes and times in words, as webapp/core/words.py writes them.

const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

export function bytes(number) {
  let unit = 0;
  while (number >= 1000 && unit < UNITS.length - 1) { number /= 1000; unit += 1; }
  return `${number >= 10 || unit === 0 ? Math.round(number) : number.toFixed(1)} ${UNITS[unit]}`;
}

/** What a dataset of that file or folder is proposed to be called, as the server does. */
export function nameFrom({ name }) {
  const stem = name.replace(/\.(zip|tar|tgz|tbz2|txz|gz|bz2|xz)$/i, "").replace(/\.tar$/i, "");
  const words = stem.replace(/[_-]+/g, " ").trim();
  return (words.charAt(0).toUpperCase() + words.slice(1)).slice(0, 120);
}

export function duration(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

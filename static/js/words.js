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

/** 192 → "3 min 12 s"; at most two units. */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const parts = [[Math.floor(whole / 86400), "d"], [Math.floor(whole / 3600) % 24, "h"], [Math.floor(whole / 60) % 60, "min"], [whole % 60, "s"]];
  const first = parts.findIndex(([number]) => number);
  return parts.slice(first, first + 2).filter(([number]) => number).map(([number, unit]) => `${number} ${unit}`).join(" ");
}

// Sizes and times in words, as webapp/core/words.py writes them.

const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

export function bytes(number) {
  let unit = 0;
  while (number >= 1000 && unit < UNITS.length - 1) { number /= 1000; unit += 1; }
  return `${number >= 10 || unit === 0 ? Math.round(number) : number.toFixed(1)} ${UNITS[unit]}`;
}

export function duration(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

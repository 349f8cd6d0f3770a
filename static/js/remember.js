// What this browser keeps about its reader for a year, in cookies that the server reads too.

const YEAR_SECONDS = 31_536_000;

/** An empty value is forgotten. */
export function remember(name, value) {
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=${value ? YEAR_SECONDS : 0}; samesite=lax`;
}

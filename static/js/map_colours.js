// What the points of a map are painted by, and the lines of its legend: {colours, of, front, text, accent, ground, lines: [{name, colour, points}]}.
const SURE = [[95, "95 % and more"], [80, "80 to 95 %"], [50, "50 to 80 %"], [0, "below 50 %"]];
const SURE_TOKENS = ["--accent", "--matrix-half", "--mistake-half", "--mistake"];
const TURN = 137.508; // degrees: each further hue lies in the largest gap

const token = (css, name) => css.getPropertyValue(name).trim();

/** So many hues; of few classes evenly around the circle. */
function hues(count, dark) {
  const lightness = dark ? 74 : 58;
  return Array.from({ length: count }, (_, at) => `oklch(${lightness + (at % 3 - 1) * (count > 8 ? 8 : 0)}% 0.16 ${(count <= 12 ? (at * 360) / count + 25 : at * TURN) % 360})`);
}

function grouped(of, count) {
  const points = Array.from({ length: count }, () => []);
  of.forEach((line, at) => points[line].push(at));
  return points;
}

function painted(of, names, colours, front = -1) {
  const points = grouped(of, names.length);
  return { of, colours, front, lines: names.map((name, at) => ({ name, colour: colours[at], points: points[at] })) };
}

export function partName({ split, other }) {
  return other ? `${split} of the other dataset` : split;
}

/** by: "class", "error", "split" or "sure". */
export function paint(by, told, css) {
  const dark = css.colorScheme.includes("dark");
  const always = { text: token(css, "--text"), accent: token(css, "--accent"), ground: token(css, "--card") };
  if (by === "error") {
    const of = told.label.map((label, at) => (label === told.predicted[at] ? 0 : 1));
    return { ...painted(of, ["right", "wrong"], [token(css, "--matrix-half"), token(css, "--mistake")], 1), ...always };
  }
  if (by === "split") {
    const tones = { train: token(css, "--line-strong"), validation: token(css, "--warn"), test: token(css, "--accent") };
    const colours = told.parts.map(({ split, other }) => (other ? token(css, "--mistake") : tones[split]));
    return { ...painted(told.part, told.parts.map(partName), colours, told.parts.length > 1 ? told.parts.length - 1 : -1), ...always };
  }
  if (by === "sure") {
    const of = told.sure.map((sure) => SURE.findIndex(([least]) => sure >= least));
    return { ...painted(of, SURE.map(([, name]) => name), SURE_TOKENS.map((name) => token(css, name)), 3), ...always };
  }
  return { ...painted(told.label, told.classes, hues(told.classes.length, dark)), ...always };
}

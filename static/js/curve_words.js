// What the curves of a training say in words, for those who do not see them: filled anew as points come, as
// webapp/experiments/charts.py fills it when the page is made.
import { figureOf } from "./charts.js";

const newest = (values) => values.findLast((value) => value !== null);
const digits = (value) => (value === undefined ? "not known yet" : String(Number(value.toPrecision(3))));
const percent = (value) => (value === undefined ? "–" : `${value.toFixed(1)} %`);

/** Of the curves by epoch, before they are drawn anew. */
export function retell() {
  const [loss, accuracy, error] = ["loss", "accuracy", "error"].map((name) => figureOf(`figure-${name}`));
  const [train, validation] = loss.data;
  const told = {
    done: (train.x.at(-1) ?? 0).toLocaleString("en"),
    train: digits(newest(train.y)),
    validation: digits(newest(validation.y)),
    top1: percent(newest(accuracy.data[0].y)),
  };
  for (const { layout: { meta } } of [loss, accuracy, error]) meta.summary = meta.words.replace(/{(\w+)}/g, (_, name) => told[name]);
}

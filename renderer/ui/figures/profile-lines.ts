import type { ProfileLine, ProfileModel } from "../views/profile-model.ts";
import { spreadLabels, type ValueAxis, valueAxis, yOf } from "./chart.ts";

/** Between the labels at the lines' ends. */
const labelDistance = 14;

export function profileAxis(model: ProfileModel, height: number): ValueAxis {
  const values = model.lines.flatMap((line) => line.values).filter((value) => value !== null);
  return valueAxis([...values, model.reach], height, model.evenAboutZero);
}

export interface EndLabel {
  readonly group: ProfileLine["group"];
  readonly y: number;
}

/** Each line's name at its last value, moved apart where lines end close together. */
export function endLabels({ lines }: ProfileModel, scale: ValueAxis): readonly EndLabel[] {
  const known = lines.flatMap(({ group, values }) => {
    const last = [...values].reverse().find((value) => value !== null) ?? null;
    return last === null ? [] : [{ group, y: yOf(scale, last) }];
  });
  const spread = spreadLabels(
    known.map(({ y }) => y),
    labelDistance,
    scale.height,
  );
  return known.map(({ group }, index) => ({ group, y: spread[index] ?? 0 }));
}

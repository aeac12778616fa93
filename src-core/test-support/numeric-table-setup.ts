import type { SlotSize } from "../engine/check-operations.ts";
import { measureShapeOnGpu, tileElementsOf } from "../gpu/measure-kernel.ts";
import type { MeasureCase } from "./measure-case.ts";
import { measureCases } from "./measure-cases.ts";
import type { NumericCase } from "./numeric-case.ts";
import { numericCases } from "./numeric-cases.ts";

/** Small slots and few workgroups, so that the table has sizes beyond both. */
export const tableSlotSize: SlotSize = { inputBytes: 96 * 1024, outputBytes: 64 * 1024, operationCount: 100 };
export const tableSlotCount = 3;
export const tableWorkgroups = 2;

/** Target, chat and base of bf16. */
const bytesPerElementOfThree = 6;
/** Of shaders/merge.wgsl: workgroup size times the elements of one invocation. */
const elementsPerWorkgroup = 256 * 8;

export function tableCases(): readonly NumericCase[] {
  return numericCases(tableSlotSize.inputBytes / bytesPerElementOfThree, tableWorkgroups * elementsPerWorkgroup);
}

export function tableMeasureCases(): readonly MeasureCase[] {
  return measureCases(tileElementsOf(measureShapeOnGpu), tableSlotSize.inputBytes / bytesPerElementOfThree);
}

import { valueAt } from "./elements.ts";
import {
  absoluteSum,
  addElements,
  addMaximum,
  addSum,
  addToHistogram,
  addZeros,
  baseSum,
  chatSum,
  leaveOut,
  pairResult,
  shiftOfFirstSum,
  shiftOfSecondSum,
  shiftSum,
  shiftVectorSum,
  targetSum,
  targetVectorSum,
  vectorResult,
  vectorSum,
  vectorsSum,
} from "./measure-result.ts";
import {
  baseDtypeOf,
  baseOf,
  chatDtypeOf,
  chatOf,
  outputOf,
  targetDtypeOf,
  targetOf,
  vectorCountOf,
  vectorOf,
} from "./operation.ts";

const roleTarget: u32 = 0;
const roleChat: u32 = 1;
const roleBase: u32 = 2;

/** Measures elements one at a time, whatever they hold. Twin of src-core/reference/measure.ts, in f64 as it is. */
export function measureCarefully(operation: usize, start: u32, end: u32): void {
  for (let i = start; i < end; i++) {
    if (isLeftOut(operation, i)) continue;
    const result = outputOf(operation);
    addElements(result, 1);
    const target = targetAt(operation, i);
    addSum(result + targetSum, target * target);
    for (let v: u32 = 0, count = vectorCountOf(operation); v < count; v++) {
      addVector(operation, v, i, target);
    }
    addPairs(operation, i);
  }
}

function isLeftOut(operation: usize, index: u32): bool {
  const result = outputOf(operation);
  if (!isFinite(targetAt(operation, index))) {
    leaveOut(result, index, roleTarget, 0);
    return true;
  }
  for (let v: u32 = 0, count = vectorCountOf(operation); v < count; v++) {
    const vector = vectorOf(operation, v);
    const chatIsFinite = isFinite(chatAt(vector, index));
    if (chatIsFinite && isFinite(baseAt(vector, index))) continue;
    leaveOut(result, index, chatIsFinite ? roleBase : roleChat, v);
    return true;
  }
  return false;
}

function addVector(operation: usize, v: u32, index: u32, target: f64): void {
  const vector = vectorOf(operation, v);
  const sums = vectorResult(outputOf(operation), v);
  const chat = chatAt(vector, index);
  const base = baseAt(vector, index);
  const tau = chat - base;
  const sigma = sigmaAt(operation, vector, index);
  addSum(sums + baseSum, base * base);
  addSum(sums + chatSum, chat * chat);
  addSum(sums + vectorSum, tau * tau);
  addSum(sums + shiftSum, sigma * sigma);
  addSum(sums + targetVectorSum, target * tau);
  addSum(sums + shiftVectorSum, sigma * tau);
  addSum(sums + absoluteSum, abs(tau));
  const magnitude = f32(abs(tau));
  addMaximum(sums, magnitude);
  if (tau === 0) addZeros(sums, 1);
  addToHistogram(sums, magnitude);
}

function addPairs(operation: usize, index: u32): void {
  const count = vectorCountOf(operation);
  let pair: u32 = 0;
  for (let v: u32 = 0; v < count; v++) {
    for (let w = v + 1; w < count; w++) {
      const first = vectorOf(operation, v);
      const second = vectorOf(operation, w);
      const sums = pairResult(outputOf(operation), count, pair++);
      addSum(sums + vectorsSum, tauAt(first, index) * tauAt(second, index));
      addSum(sums + shiftOfFirstSum, sigmaAt(operation, first, index) * tauAt(second, index));
      addSum(sums + shiftOfSecondSum, sigmaAt(operation, second, index) * tauAt(first, index));
    }
  }
}

/** 0 without a target. */
function targetAt(operation: usize, index: u32): f64 {
  const target = targetOf(operation);
  return target === 0 ? 0 : valueAt(targetDtypeOf(operation), target, index);
}

function chatAt(vector: usize, index: u32): f64 {
  return valueAt(chatDtypeOf(vector), chatOf(vector), index);
}

function baseAt(vector: usize, index: u32): f64 {
  return valueAt(baseDtypeOf(vector), baseOf(vector), index);
}

function tauAt(vector: usize, index: u32): f64 {
  return chatAt(vector, index) - baseAt(vector, index);
}

/** 0 without a target. */
function sigmaAt(operation: usize, vector: usize, index: u32): f64 {
  return targetOf(operation) === 0 ? 0 : targetAt(operation, index) - baseAt(vector, index);
}

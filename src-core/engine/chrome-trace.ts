import { type TraceKind, type TraceSpan, traceKinds } from "./trace.ts";

/** More lanes of one kind than any ring has. */
const lanesPerKind = 1000;

/** What the format calls a process. */
export interface TracedProcess {
  readonly id: number;
  readonly name: string;
}

/** The start of a trace in Chrome's JSON array format, which may end after any event. For chrome://tracing and Perfetto. */
export const traceStart = "[\n";

/** A line for one event; its times are in microseconds. */
export function formatSpan({ kind, lane, start, end, detail }: TraceSpan, process: TracedProcess): string {
  const times = { ts: microseconds(start), dur: microseconds(end - start) };
  return line({ ph: "X", name: kind, cat: kind, pid: process.id, tid: threadOf(kind, lane), ...times, args: detail });
}

/** A line that gives a process its name. */
export function formatProcess({ id, name }: TracedProcess): string {
  return line({ ph: "M", name: "process_name", pid: id, args: { name } });
}

/** Lines that give a lane its name and place. */
export function formatLane(kind: TraceKind, lane: number, process: TracedProcess): string {
  const place = { ph: "M", pid: process.id, tid: threadOf(kind, lane) };
  return (
    line({ ...place, name: "thread_name", args: { name: `${kind} ${lane}` } }) +
    line({ ...place, name: "thread_sort_index", args: { sort_index: threadOf(kind, lane) } })
  );
}

function threadOf(kind: TraceKind, lane: number): number {
  // Lanes of a kind lie together.
  return (traceKinds.indexOf(kind) + 1) * lanesPerKind + lane;
}

function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000);
}

function line(event: unknown): string {
  return `${JSON.stringify(event)},\n`;
}

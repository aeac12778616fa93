import type { ChatTokenOutlook } from "../../src-core/plan/chat-token-outlook.ts";
import type { Problem } from "../../src-core/plan/problem.ts";

export interface PlanSummary {
  readonly rows: readonly PlanRow[];
  readonly problems: readonly Problem[];
  /** No error and no open decision: Export may start. */
  readonly exportable: boolean;
  readonly mergedCount: number;
  readonly copiedCount: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly fileCount: number;
  /** Tokens of the first vector's chat model that the target could have. */
  readonly chatTokens: ChatTokenOutlook;
}

export interface PlanRow {
  readonly name: string;
  readonly shape: readonly number[];
  readonly layer: number | null;
  readonly action: "merge" | "copy";
  readonly reason: string;
  /** λ of the first vector; null when copied. */
  readonly scale: number | null;
  readonly inputDtype: string;
  readonly outputDtype: string;
  readonly byteLength: number;
}

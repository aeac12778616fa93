import type { Action } from "./action.ts";

export const helpActions: readonly Action[] = [
  {
    id: "copy-diagnostics",
    label: "Copy diagnostics",
    menu: "help",
    group: 1,
    words: "log bug report versions",
    run: (state) => state.copyDiagnostics(false),
  },
  {
    id: "copy-diagnostics-with-paths",
    label: "Copy diagnostics with the home folder’s name",
    menu: "help",
    group: 1,
    words: "log bug report versions paths",
    run: (state) => state.copyDiagnostics(true),
  },
];

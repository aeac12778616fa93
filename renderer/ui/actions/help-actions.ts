import type { Action } from "./action.ts";

export const helpActions: readonly Action[] = [
  {
    id: "tour",
    label: "Tour",
    menu: "help",
    group: 0,
    words: "guide introduction start help show around",
    run: (state) => state.startTour(),
  },
  {
    id: "words",
    label: "Words",
    menu: "help",
    group: 0,
    words: "glossary lambda tau sigma meaning explain help what is",
    run: (state) => state.showPanel("words"),
  },
  {
    id: "news",
    label: "What’s new",
    menu: "help",
    group: 0,
    words: "changelog changes version release",
    run: (state) => state.showPanel("news"),
  },
  {
    id: "about",
    label: "About Chat Vector Studio",
    menu: "help",
    group: 2,
    words: "version license electron engine",
    run: (state) => state.showPanel("about"),
  },
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

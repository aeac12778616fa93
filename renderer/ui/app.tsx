import "./app.css";
import { AboutPanel, NewsPanel } from "./components/about-panels.tsx";
import { AppHeader } from "./components/app-header.tsx";
import { CommandPalette } from "./components/command-palette.tsx";
import { Inspector } from "./components/inspector/inspector.tsx";
import { JobStrip } from "./components/job-strip.tsx";
import { LicensesPanel } from "./components/licenses-panel.tsx";
import { MergeBar } from "./components/merge-bar.tsx";
import { ModelsColumn } from "./components/models-column.tsx";
import { NoticeBars } from "./components/notice-bars.tsx";
import { SettingsPanel } from "./components/settings/settings-panel.tsx";
import { Tour } from "./components/tour/tour.tsx";
import { useActionKeys } from "./components/use-action-keys.ts";
import { useHeldEdits } from "./components/use-held-edits.ts";
import { useWindowDrop } from "./components/use-window-drop.ts";
import { WordsPanel } from "./components/words/words-panel.tsx";
import { Workspace } from "./components/workspace.tsx";
import { useStudio } from "./store/use-studio.tsx";

/** The one window: models at the left, the chat vector and the plan in the middle, the selected tensor at the right, λ and the export below. */
export function App() {
  const fileOverWindow = useWindowDrop();
  useActionKeys();
  useHeldEdits();
  const planned = useStudio((state) => (state.plan?.rows.length ?? 0) > 0 || state.measureRows.length > 0);
  return (
    <div className="app" data-file-over={fileOverWindow || undefined}>
      <AppHeader />
      <Tour />
      <NoticeBars />
      <main className="workbench" data-planned={planned || undefined}>
        <ModelsColumn />
        <Workspace />
        {planned && <Inspector />}
      </main>
      <JobStrip />
      <MergeBar />
      <CommandPalette />
      <WordsPanel />
      <NewsPanel />
      <AboutPanel />
      <LicensesPanel />
      <SettingsPanel />
    </div>
  );
}

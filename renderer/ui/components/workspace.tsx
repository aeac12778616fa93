import "./workspace.css";
import { Tabs } from "radix-ui";
import { shownVectorOf } from "../store/measured.ts";
import { missingRoles } from "../store/model-slot.ts";
import type { View } from "../store/studio-state.ts";
import { useStudio } from "../store/use-studio.tsx";
import { completeVectorsOf, slotsOf, vectorNameOf } from "../store/vectors.ts";
import { CompareView } from "./compare/compare-view.tsx";
import { FailureNote } from "./failure-note.tsx";
import { HeatmapView } from "./heatmap/heatmap-view.tsx";
import { MeasureStatus } from "./measure-status.tsx";
import { PlanTable } from "./plan-table.tsx";
import { Welcome } from "./welcome.tsx";

/** The middle of the window: what to do first, then the chat vector, and what happens to every tensor. */
export function Workspace() {
  const complete = useStudio((state) => missingRoles(slotsOf(state)).length === 0);
  const planned = useStudio((state) => state.plan !== null);
  const measured = useStudio((state) => state.measureRequest !== null);
  if (planned || measured) return <Views />;
  if (!complete) return <Welcome />;
  return <PlanMessage />;
}

const views: readonly { readonly view: View; readonly name: string }[] = [
  { view: "heatmap", name: "Heatmap" },
  { view: "compare", name: "Compare" },
  { view: "plan", name: "Plan" },
];

function Views() {
  const chosen = useStudio((state) => state.view);
  const showView = useStudio((state) => state.showView);
  const hasTarget = useStudio((state) => state.target.model !== null);
  const plan = useStudio((state) => state.plan);
  const view = hasTarget ? chosen : "heatmap";
  const show = (value: string) => {
    const found = views.find((candidate) => candidate.view === value);
    if (found !== undefined) showView(found.view);
  };
  return (
    <Tabs.Root className="views" data-tour="workspace" value={view} onValueChange={show}>
      <div className="views-head">
        <Tabs.List className="tabs" aria-label="Views">
          {views.map(({ view: each, name }) => (
            <Tabs.Trigger
              key={each}
              className="tab"
              value={each}
              disabled={each !== "heatmap" && !hasTarget}
              title={each !== "heatmap" && !hasTarget ? "Needs a target model" : undefined}
            >
              {name}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <ShownVector />
        <MeasureStatus />
      </div>
      <MeasureFailure />
      <Tabs.Content className="view" value="heatmap" tabIndex={-1}>
        <HeatmapView />
      </Tabs.Content>
      <Tabs.Content className="view" value="compare" tabIndex={-1}>
        <CompareView />
      </Tabs.Content>
      <Tabs.Content className="view" value="plan" tabIndex={-1}>
        {plan === null ? <PlanMessage /> : <PlanTable plan={plan} />}
      </Tabs.Content>
    </Tabs.Root>
  );
}

/** Among several vectors: whose τ it is. */
function ShownVector() {
  const name = useStudio((state) => {
    const shown = completeVectorsOf(state)[shownVectorOf(state)];
    return state.vectors.length === 1 || shown === undefined ? null : vectorNameOf(state, shown.id);
  });
  return name === null ? null : (
    <p className="views-vector name" title={name}>
      τ of {name}
    </p>
  );
}

/** What went wrong with measuring or with saving a figure, and what to do now. */
function MeasureFailure() {
  const failure = useStudio((state) => state.measureFailure ?? state.measure?.failure ?? null);
  const figureFailure = useStudio((state) => state.figureFailure);
  const starting = useStudio((state) => state.measureStarting);
  const startMeasure = useStudio((state) => state.startMeasure);
  const dismiss = useStudio((state) => state.dismissFigureFailure);
  return (
    <>
      {failure !== null && !starting && (
        <div className="views-failure">
          <FailureNote failure={failure} inline>
            <button type="button" className="button" onClick={() => void startMeasure()}>
              Measure again
            </button>
          </FailureNote>
        </div>
      )}
      {figureFailure !== null && (
        <div className="views-failure">
          <FailureNote failure={figureFailure} inline>
            <button type="button" className="button" onClick={dismiss}>
              Dismiss
            </button>
          </FailureNote>
        </div>
      )}
    </>
  );
}

function PlanMessage() {
  const failure = useStudio((state) => state.planFailure);
  const replan = useStudio((state) => state.replan);
  return (
    <section className="workspace-message" aria-label="Plan" data-tour="workspace">
      {failure === null ? (
        <p role="status">Planning from the models’ headers</p>
      ) : (
        <FailureNote failure={failure}>
          <button type="button" className="button" onClick={replan}>
            Try again
          </button>
        </FailureNote>
      )}
    </section>
  );
}

import { type ReactNode, useId } from "react";

interface SettingsGroupProps {
  readonly title: string;
  readonly note?: string;
  readonly children: ReactNode;
}

export function SettingsGroup({ title, note, children }: SettingsGroupProps) {
  return (
    <section className="settings-group" aria-label={title}>
      <h3>{title}</h3>
      {note !== undefined && <p className="settings-note">{note}</p>}
      {children}
    </section>
  );
}

interface SettingProps {
  readonly name: string;
  /** @param label the id of the name's element, for the control to be labelled by */
  readonly children: (label: string) => ReactNode;
}

/** A setting's name at the left, its control beside it. */
export function Setting({ name, children }: SettingProps) {
  const label = useId();
  return (
    <div className="setting">
      <span id={label} className="setting-name">
        {name}
      </span>
      <div className="setting-control">{children(label)}</div>
    </div>
  );
}

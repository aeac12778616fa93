import { useEffect, useState } from "react";
import { useStudio } from "../store/use-studio.tsx";
import { PanelDialog } from "./panel-dialog.tsx";

/** Written beside the page when it is built: every package in it with its license. */
const noticesUrl = "./NOTICES.txt";

/** The licenses of what ships: of the packages in this program, and of the Electron that it runs on. */
export function LicensesPanel() {
  return (
    <PanelDialog panel="licenses" title="Licenses">
      <Licenses />
    </PanelDialog>
  );
}

function Licenses() {
  const openRuntimeLicenses = useStudio((state) => state.openRuntimeLicenses);
  const [text, setText] = useState("");
  useEffect(() => {
    let left = false;
    void readNotices().then((read) => left || setText(read));
    return () => {
      left = true;
    };
  }, []);
  return (
    <div className="about">
      <p>Chat Vector Studio is free software under the MIT license. It contains the packages below.</p>
      <button type="button" className="button" onClick={() => void openRuntimeLicenses()}>
        Licenses of Electron and Chromium
      </button>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so the keyboard must reach it */}
      <pre className="licenses-text mono" tabIndex={0} aria-label="Licenses of packages" role="document">
        {text}
      </pre>
    </div>
  );
}

async function readNotices(): Promise<string> {
  try {
    const response = await fetch(noticesUrl);
    return response.ok ? await response.text() : "They are written when the program is built, and this one was not.";
  } catch (error) {
    return `They cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

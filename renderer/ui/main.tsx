import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { createStudioStore } from "./store/studio-store.ts";
import { StudioStoreContext } from "./store/use-studio.tsx";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

createRoot(root).render(
  <StrictMode>
    <StudioStoreContext value={createStudioStore(window.studio)}>
      <App />
    </StudioStoreContext>
  </StrictMode>,
);

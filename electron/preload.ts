import { contextBridge, ipcRenderer } from "electron";
import type { StudioApi } from "./api/studio-api.ts";
import type { StudioEvent } from "./api/window.ts";
import { pathForFile } from "./bridge/path-for-file.ts";
import { type Channel, eventChannel } from "./ipc/ipc-channels.ts";

const request = (channel: Channel, argument?: unknown) => ipcRenderer.invoke(channel, argument);

const studio: StudioApi = {
  environment: () => request("environment"),
  takeFirstTour: () => request("takeFirstTour"),
  pickCheckpoint: (kind) => request("pickCheckpoint", kind),
  // The page hands over the File that the user dropped; its path is looked up here and never reaches the page.
  openDropped: (file) => request("openDropped", pathForFile(file)),
  recentModels: () => request("recentModels"),
  modelPlaces: () => request("modelPlaces"),
  modelsAt: (placeId) => request("modelsAt", placeId),
  proposeBases: (ids) => request("proposeBases", ids),
  openOffered: (id) => request("openOffered", id),
  openSamples: () => request("openSamples"),
  closeCheckpoint: (id) => request("closeCheckpoint", id),
  reopenCheckpoint: (id) => request("reopenCheckpoint", id),
  openChanged: (ids) => request("openChanged", ids),
  pickRecipe: () => request("pickRecipe"),
  openDroppedRecipe: (file) => request("openDroppedRecipe", pathForFile(file)),
  openRecentRecipe: (id) => request("openRecentRecipe", id),
  reopenRecipe: (documentId) => request("reopenRecipe", documentId),
  recentRecipes: () => request("recentRecipes"),
  handedRecipe: () => request("handedRecipe"),
  handedModels: () => request("handedModels"),
  unsavedRecipes: () => request("unsavedRecipes"),
  bringBack: (id) => request("bringBack", id),
  discardUnsaved: (id) => request("discardUnsaved", id),
  keepRecipe: (toKeep) => request("keepRecipe", toKeep),
  openReference: (id) => request("openReference", id),
  saveRecipe: (saveRequest) => request("saveRecipe", saveRequest),
  exportMergekit: (recipe) => request("exportMergekit", recipe),
  plan: (recipe) => request("plan", recipe),
  startMeasure: (measureRequest) => request("startMeasure", measureRequest),
  cancelMeasure: (measureId) => request("cancelMeasure", measureId),
  inspectTensor: (inspectRequest) => request("inspectTensor", inspectRequest),
  peekValues: (peekRequest) => request("peekValues", peekRequest),
  saveFigure: (figure) => request("saveFigure", figure),
  proposeOutput: (targetId) => request("proposeOutput", targetId),
  pickOutput: (currentOutputId) => request("pickOutput", currentOutputId),
  checkExport: (exportRequest) => request("checkExport", exportRequest),
  startExport: (exportRequest) => request("startExport", exportRequest),
  cancelExport: (jobId) => request("cancelExport", jobId),
  pauseExport: (jobId) => request("pauseExport", jobId),
  resumeExport: (jobId) => request("resumeExport", jobId),
  showInFolder: (jobId) => request("showInFolder", jobId),
  copyPath: (jobId) => request("copyPath", jobId),
  dragOut: (jobId) => request("dragOut", jobId),
  moveExport: (jobId) => request("moveExport", jobId),
  copyDiagnostics: (withPaths) => request("copyDiagnostics", withPaths),
  newWindow: () => request("newWindow"),
  settings: () => request("settings"),
  changeSettings: (change) => request("changeSettings", change),
  pickExportFolder: () => request("pickExportFolder"),
  clearExportFolder: () => request("clearExportFolder"),
  addModelFolder: () => request("addModelFolder"),
  removeModelFolder: (id) => request("removeModelFolder", id),
  keptMeasurements: () => request("keptMeasurements"),
  forgetMeasurements: () => request("forgetMeasurements"),
  openLogs: () => request("openLogs"),
  openRuntimeLicenses: () => request("openRuntimeLicenses"),
  tellState: (state) => request("tellState", state),
  answerClosing: (saved) => request("answerClosing", saved),
  onEvent: (listener) => {
    const forward = (_event: unknown, studioEvent: StudioEvent) => listener(studioEvent);
    ipcRenderer.on(eventChannel, forward);
    return () => ipcRenderer.removeListener(eventChannel, forward);
  },
};

contextBridge.exposeInMainWorld("studio", studio);

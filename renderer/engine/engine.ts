import { ipcRenderer } from "electron";
import type { EngineCommand, EngineEvent } from "../../src-core/engine/protocol.ts";
import { EngineHost } from "./engine-host.ts";

/** Main sends one port, once; everything else goes through it. */
ipcRenderer.on("engine-port", function take(event) {
  const [port] = event.ports;
  if (port === undefined || !isFromMain(event)) return;
  ipcRenderer.off("engine-port", take);
  const send = (message: EngineEvent) => port.postMessage(message);
  const host = new EngineHost(send);
  port.onmessage = ({ data }: MessageEvent<EngineCommand>) => host.receive(data);
});

/** Until Electron 27 a page could send to another by its number; main's messages have the number 0 there, and none later. */
function isFromMain(event: object): boolean {
  return !("senderId" in event) || event.senderId === 0 || event.senderId === undefined;
}

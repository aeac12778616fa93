import { ipcRenderer } from "electron";
import type { EngineCommand, EngineEvent } from "../../src-core/engine/protocol.ts";
import { EngineHost } from "./engine-host.ts";

/** Main sends one port, once; everything else goes through it. */
ipcRenderer.once("engine-port", (event) => {
  const [port] = event.ports;
  if (port === undefined) throw new Error("engine-port came without a port");
  const send = (message: EngineEvent) => port.postMessage(message);
  const host = new EngineHost(send);
  port.onmessage = ({ data }: MessageEvent<EngineCommand>) => host.receive(data);
});

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { launchStudio, runCli } from "./launch.ts";
import { expect, test } from "./support/workspace.ts";

interface NetLog {
  readonly constants: {
    readonly logEventTypes: Readonly<Record<string, number>>;
    readonly logSourceType: Readonly<Record<string, number>>;
  };
  readonly events: readonly { readonly type: number; readonly params?: Readonly<Record<string, unknown>> }[];
}

/** What Chromium's own record of its network says: names it looked up, addresses it spoke to, requests that went out. */
async function networkUse(path: string): Promise<string[]> {
  const log = JSON.parse(await readFile(path, "utf8")) as NetLog;
  const nameOf = new Map(Object.entries(log.constants.logEventTypes).map(([name, number]) => [number, name]));
  const isUse =
    /^(HOST_RESOLVER_MANAGER_(REQUEST|JOB|ATTEMPT)|HOST_RESOLVER_(SYSTEM_TASK|DNS_TASK)|DNS_TRANSACTION|TCP_CONNECT|UDP_CONNECT|UDP_BYTES_SENT|SOCKET_BYTES_SENT|URL_REQUEST_START_JOB|QUIC_SESSION|WEBSOCKET_)/;
  return log.events
    .map(({ type, params }) => ({ name: nameOf.get(type) ?? "", params }))
    .filter(({ name }) => isUse.test(name))
    .map(({ name, params }) => `${name} ${JSON.stringify(params ?? {})}`)
    .filter((use) => !/"url":"(studio|data|blob|devtools):/.test(use));
}

test("the window uses no network, and neither does Chromium behind it", async ({ folder, samples }) => {
  const log = join(folder, "net.json");
  const studio = await launchStudio({ switches: [`--log-net-log=${log}`, "--net-log-capture-mode=Everything"] });
  let requested: string[] = [];
  try {
    await studio.app.evaluate(({ app, session }) => {
      const urls: string[] = [];
      (globalThis as unknown as { requested: string[] }).requested = urls;
      const record = ({ url }: { readonly url: string }) => void urls.push(url);
      for (const each of [session.defaultSession]) {
        each.webRequest.onCompleted(record);
        each.webRequest.onErrorOccurred(record);
      }
      app.on("session-created", (each) => each.webRequest.onCompleted(record));
    });
    await studio.ui.reload();
    await studio.ui.getByRole("button", { name: /sample models/i }).click();
    await expect(studio.ui.getByRole("button", { name: /^export/i }).first()).toBeEnabled();
    // Time for what Chromium does when it has nothing to do.
    await studio.ui.waitForTimeout(4000);
    requested = await studio.app.evaluate(() => (globalThis as unknown as { requested: string[] }).requested);
  } finally {
    await studio.close();
  }
  // What is in the page's memory is not asked for again; the page itself is.
  expect(requested).toContainEqual(expect.stringMatching(/^studio:\/\/app\//));
  expect(requested.filter((url) => !/^(studio:\/\/(app|engine)\/|data:|blob:)/.test(url))).toEqual([]);
  expect(await networkUse(log)).toEqual([]);

  const headless = join(folder, "headless.json");
  const { code } = await runCli(["inspect", samples.base], {
    switches: [`--log-net-log=${headless}`, "--net-log-capture-mode=Everything"],
  });
  expect(code).toBe(0);
  expect(await networkUse(headless)).toEqual([]);
});

test("nothing in a page reaches a server that listens", async () => {
  const heard: string[] = [];
  const server = createServer((socket) => {
    heard.push("tcp");
    socket.destroy();
  }).listen(0, "127.0.0.1");
  const udp = createSocket("udp4", () => void heard.push("udp"));
  udp.bind(0, "127.0.0.1");
  await Promise.all([once(server, "listening"), once(udp, "listening")]);
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const udpPort = udp.address().port;
  const studio = await launchStudio();
  try {
    for (const page of [studio.ui, studio.engine]) {
      await page.evaluate(
        async ({ tcpPort, stunPort }) => {
          const url = `http://127.0.0.1:${tcpPort}/`;
          const quietly = async (work: () => unknown) => {
            try {
              await work();
            } catch {}
          };
          await quietly(() => fetch(url, { mode: "no-cors" }));
          await quietly(() => new WebSocket(url.replace("http", "ws")));
          await quietly(() => new EventSource(url));
          await quietly(() => navigator.sendBeacon(url, "x"));
          await quietly(() => {
            const link = Object.assign(document.createElement("link"), { rel: "prefetch", href: url });
            const preconnect = Object.assign(document.createElement("link"), { rel: "preconnect", href: url });
            const image = Object.assign(document.createElement("img"), { src: url });
            document.head.append(link, preconnect, image);
          });
          await quietly(() => {
            const form = Object.assign(document.createElement("form"), { action: url, method: "post" });
            document.body.append(form);
            form.submit();
          });
          await quietly(async () => {
            const connection = new RTCPeerConnection({
              iceServers: [
                { urls: `stun:127.0.0.1:${stunPort}` },
                { urls: `turn:127.0.0.1:${tcpPort}?transport=tcp`, username: "a", credential: "b" },
              ],
            });
            connection.createDataChannel("x");
            await connection.setLocalDescription(await connection.createOffer());
          });
          await new Promise((resolve) => setTimeout(resolve, 1500));
        },
        { tcpPort: port, stunPort: udpPort },
      );
    }
  } finally {
    await studio.close();
    server.close();
    udp.close();
  }
  expect(heard).toEqual([]);
});

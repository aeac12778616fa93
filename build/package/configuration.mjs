import { join } from "node:path";
import { checkout } from "../checkout.mjs";
import { setFuses, shippedFuses } from "./fuses.mjs";

export const productName = "Chat Vector Studio";

const resources = join(checkout, "build", "package");
const icons = join(resources, "icons");

/**
 * What electron-builder is told. Everything that it packs was laid out for it: it chooses no file, installs nothing, compiles nothing.
 * @param {object} input
 * @param {string} input.application folder with what ships
 * @param {string} input.output
 * @param {string} input.electronVersion
 * @param {string | null} input.electronDistribution an Electron laid out for packing; null downloads one
 * @param {"none" | null} [input.debCompression] null: as small as can be
 * @param {string | null} [input.updates] where published versions lie. Without it nothing about updates is built in
 * @returns {import("electron-builder").Configuration}
 */
export function packagerConfiguration({
  application,
  output,
  electronVersion,
  electronDistribution,
  debCompression = null,
  updates = null,
}) {
  return {
    appId: "org.chatvector.studio",
    productName,
    copyright: "Copyright © Chat Vector Studio contributors",
    electronVersion,
    ...(electronDistribution === null ? {} : { electronDist: electronDistribution }),
    directories: { app: application, output, buildResources: resources },
    files: ["**/*", "!*.txt", { from: join(application, "node_modules"), to: "node_modules", filter: ["**/*"] }],
    // Where people can read them.
    extraResources: ["LICENSE.txt", "NOTICES.txt"].map((name) => ({ from: join(application, name), to: name })),
    asar: true,
    asarUnpack: ["node_modules/@koromix/**"],
    // Its way of saying that packages are none of its business.
    beforeBuild: async () => false,
    publish: updates === null ? null : { provider: "generic", url: updates },
    afterPack: ({ appOutDir, electronPlatformName, packager, arch }) => {
      const name = electronPlatformName === "linux" ? "chat-vector-studio" : packager.appInfo.productFilename;
      const program = join(appOutDir, `${name}${{ darwin: ".app", win32: ".exe" }[electronPlatformName] ?? ""}`);
      return setFuses(program, shippedFuses(electronPlatformName), {
        resignAdHoc: electronPlatformName === "darwin" && arch === arm64,
      });
    },
    // The older one needs libfuse2, which newer systems lack, and starts without Chromium's sandbox wherever it is.
    toolsets: { appimage: "1.0.3" },
    linux: linux(),
    deb: {
      packageCategory: "science",
      fpm: [
        // The last word of its kind holds.
        ...(debCompression === null ? [] : ["--deb-compression", debCompression]),
        `${join(application, "LICENSE.txt")}=/usr/share/doc/chat-vector-studio/copyright`,
        `${join(resources, "linux", "chat-vector-studio.metainfo.xml")}=/usr/share/metainfo/org.chatvector.studio.metainfo.xml`,
      ],
      depends: [
        "libgtk-3-0 | libgtk-3-0t64",
        "libnss3",
        "libasound2 | libasound2t64",
        "libgbm1",
        "libxss1",
        "libatk-bridge2.0-0 | libatk-bridge2.0-0t64",
      ],
      recommends: ["libvulkan1", "mesa-vulkan-drivers | nvidia-vulkan-icd", "xvfb"],
      afterInstall: join(resources, "linux", "after-install.tpl"),
      afterRemove: join(resources, "linux", "after-remove.tpl"),
    },
    mac: mac(),
    win: {
      icon: join(icons, "icon.ico"),
      target: "nsis",
      extraResources: [
        { from: join(resources, "windows", "chat-vector-studio.cmd"), to: "bin/chat-vector-studio.cmd" },
      ],
    },
    nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
  };
}

/** electron-builder's `Arch.arm64`. */
const arm64 = 3;

/** @returns {import("electron-builder").LinuxConfiguration} */
function linux() {
  return {
    executableName: "chat-vector-studio",
    target: ["AppImage", "deb"],
    icon: join(icons, "png"),
    category: "Science;ArtificialIntelligence;Development",
    // A deb must name an address; this one reaches nobody, and says so.
    maintainer: "Chat Vector Studio contributors <noreply@chat-vector-studio.invalid>",
    synopsis: "Merges language models by chat-vector arithmetic",
    // Files that exist already are opened with us as well; no type is taken over. Folders are not among them: file managers have been seen to
    // make whatever takes folders their own default for them.
    mimeTypes: ["application/yaml", "application/x-yaml"],
    // Nobody else names this type yet. The other endings of weights (.bin, .pt) are those of many things.
    fileAssociations: [
      { ext: "safetensors", mimeType: "application/x-safetensors", description: "Tensors of a model (safetensors)" },
    ],
    extraResources: [{ from: join(resources, "linux", "chat-vector-studio"), to: "bin/chat-vector-studio" }],
    desktop: {
      entry: {
        Keywords: "language model;merge;chat vector;task arithmetic;safetensors;",
        // What the window says it is: package.json's name.
        StartupWMClass: "chat-vector-studio",
      },
    },
  };
}

/** Notarised where APPLE_API_KEY… or APPLE_ID… are set, signed where a certificate is; both are the packager's to find. */
function mac() {
  return /** @type {import("electron-builder").MacConfiguration} */ ({
    fileAssociations: [
      { ext: ["yaml", "yml"], name: "Chat Vector recipe", role: "Editor", rank: "Alternate" },
      { ext: ["safetensors"], name: "Tensors of a model", role: "Viewer", rank: "Alternate" },
      { ext: ["pt", "pth", "ckpt"], name: "PyTorch checkpoint", role: "Viewer", rank: "Alternate" },
    ],
    // A model's folder can be dropped on the icon; the Finder goes on opening folders.
    extendInfo: {
      CFBundleDocumentTypes: [
        {
          CFBundleTypeName: "Model",
          CFBundleTypeRole: "Viewer",
          LSHandlerRank: "Alternate",
          LSItemContentTypes: ["public.folder"],
        },
      ],
    },
    icon: join(icons, "icon.icns"),
    category: "public.app-category.developer-tools",
    target: "dmg",
    hardenedRuntime: true,
    gatekeeperAssess: false,
    entitlements: join(resources, "mac", "entitlements.plist"),
    entitlementsInherit: join(resources, "mac", "entitlements.plist"),
    notarize: Boolean(process.env.APPLE_API_KEY ?? process.env.APPLE_ID ?? process.env.APPLE_KEYCHAIN_PROFILE),
    extraResources: [
      { from: join(resources, "mac", "chat-vector-studio"), to: "bin/chat-vector-studio" },
      // Beside the program elsewhere; the packager leaves it out of an .app.
      {
        from: join(checkout, "node_modules", "electron", "dist", "LICENSES.chromium.html"),
        to: "LICENSES.chromium.html",
      },
    ],
  });
}

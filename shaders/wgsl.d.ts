/** Shaders are bundled as text: `import source from "../../shaders/merge.wgsl?raw"`. */
declare module "*.wgsl?raw" {
  const source: string;
  export default source;
}

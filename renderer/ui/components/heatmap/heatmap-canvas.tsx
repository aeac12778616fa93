import { useLayoutEffect, useRef } from "react";
import type { HeatmapGeometry } from "../../figures/heatmap-geometry.ts";
import type { HeatmapModel } from "../../views/heatmap-model.ts";
import { usePixelRatio } from "../use-pixel-ratio.ts";
import { useTheme } from "../use-theme.ts";
import { paintHeatmap } from "./paint-heatmap.ts";

interface HeatmapCanvasProps {
  readonly model: HeatmapModel;
  readonly geometry: HeatmapGeometry;
}

/** The cells' colours. What they mean is said by the grid around it. */
export function HeatmapCanvas({ model, geometry }: HeatmapCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  const pixelRatio = usePixelRatio();
  const { width } = geometry.axis;
  const { height } = geometry;
  useLayoutEffect(() => {
    // Painted by the CPU: a thousand small rectangles cost it 2 ms, and a software GPU 30.
    const context = canvas.current?.getContext("2d", { willReadFrequently: true }) ?? null;
    if (context === null) return;
    const pixels = { width: Math.round(width * pixelRatio), height: Math.round(height * pixelRatio) };
    // Setting a canvas's size clears it and allocates it anew: only when it changes.
    if (context.canvas.width !== pixels.width) context.canvas.width = pixels.width;
    if (context.canvas.height !== pixels.height) context.canvas.height = pixels.height;
    paintHeatmap(context, model, geometry, theme, pixelRatio);
  }, [model, geometry, theme, pixelRatio, width, height]);
  return (
    <div aria-hidden="true">
      <canvas ref={canvas} className="heatmap-canvas" style={{ width, height }} />
    </div>
  );
}

/** A chart of one sensor, drawn by uPlot. */
import uPlot from "uplot";

export function createPlot(
  size: { readonly width: number; readonly height: number },
  stroke: string,
  data: uPlot.AlignedData,
  place: HTMLElement,
): uPlot {
  return new uPlot(
    {
      ...size,
      legend: { show: false },
      cursor: { show: false },
      axes: [{ show: false }, { show: false }],
      series: [{}, { stroke, width: 1.5, points: { show: false } }],
      padding: [4, 4, 4, 4],
    },
    data,
    place,
  );
}

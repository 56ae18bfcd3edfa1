/** A small line chart; the library is loaded with the first one. */
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";

import type { Point } from "./sensorHistory.js";

const size = { width: 240, height: 48 } as const;

export function Line({ label, points }: { label: string; points: readonly Point[] }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const data: uPlot.AlignedData = [points.map(({ at }) => at), points.map(({ value }) => value)];
  const latest = useRef(data);
  latest.current = data;

  useEffect(() => {
    let isGone = false;
    void import("./plot.js").then(({ createPlot }) => {
      if (!isGone && place.current) {
        const stroke = getComputedStyle(place.current).getPropertyValue("color");
        plot.current = createPlot(size, stroke, latest.current, place.current);
      }
    });
    return () => {
      isGone = true;
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(data), [points]);

  const values = points.map(({ value }) => value);
  const range = values.length === 0 ? "no readings yet" : `from ${Math.min(...values)} to ${Math.max(...values)}`;
  return <div ref={place} class="chart" role="img" aria-label={`${label}: ${range}`} />;
}

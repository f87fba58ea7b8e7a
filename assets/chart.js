// Live series on uPlot: colours from the page's tokens, follows the theme, the width and the data.
import { createElement, useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function LiveChart({ columns = [], series = [], lang = "es", currency = "EUR", label = "", height = 300, unit = "day" }) {
  const box = useRef(null);
  const plot = useRef(null);
  const latest = useRef(columns);
  latest.current = columns;
  const shape = JSON.stringify([series, lang, currency, unit]);

  useEffect(() => {
    const host = box.current;
    const money = new Intl.NumberFormat(lang, { style: "currency", currency, maximumFractionDigits: 0 });
    const cents = new Intl.NumberFormat(lang, { style: "currency", currency });
    const plain = new Intl.NumberFormat(lang, { maximumFractionDigits: 1 });
    const day = new Intl.DateTimeFormat(lang, unit === "hour" ? { hour: "2-digit", minute: "2-digit", timeZone: "UTC" } : { day: "numeric", month: "short", timeZone: "UTC" });
    const name = (field) => new Intl.DisplayNames(lang, { type: "dateTimeField" }).of(field); // "día", "hour"
    const draw = () => {
      plot.current?.destroy();
      const line = token("--line");
      const ink = token("--ink-3");
      const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: "12px Hanken Grotesk, system-ui", size: 64 };
      const scales = [...new Set(series.map((one) => one.scale))];
      plot.current = new uPlot({
        width: Math.max(260, host.clientWidth),
        height: height - 34,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
        cursor: { drag: { x: false, y: false }, points: { size: 7 } },
        scales: { x: { time: true }, ...Object.fromEntries(scales.map((name) => [name, { range: (_u, _low, high) => [0, (high || 1) * 1.08] }])) },
        axes: [
          { ...axis, grid: { show: false }, size: 34, values: (_u, splits) => splits.map((at) => day.format(new Date(at * 1000))) },
          ...scales.map((name, n) => ({
            ...axis, scale: name, side: n === 0 ? 3 : 1, grid: n === 0 ? axis.grid : { show: false },
            values: (_u, splits) => splits.map((value) => (name === "money" ? money : plain).format(value)),
          })),
        ],
        series: [
          { label: name(unit), value: (_u, at) => (at == null ? "" : day.format(new Date(at * 1000))) },
          ...series.map((one) => ({
            label: one.label, scale: one.scale, stroke: token(`--${one.color}`), width: 2.25, dash: one.dash ? [6, 5] : undefined,
            fill: one.fill ? `color-mix(in srgb, ${token(`--${one.color}`)} 14%, transparent)` : undefined, points: { show: false },
            value: (_u, value) => (value == null ? "—" : (one.scale === "money" ? cents : plain).format(value)),
          })),
        ],
      }, latest.current, host);
      // The whole is one image with a name and has a table beside it: its legend is for the eye only.
      plot.current.root.querySelector(".u-legend")?.setAttribute("aria-hidden", "true");
    };
    draw();
    const size = new ResizeObserver(() => plot.current?.setSize({ width: Math.max(260, host.clientWidth), height: height - 34 }));
    size.observe(host);
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
    return () => { size.disconnect(); theme.disconnect(); plot.current?.destroy(); plot.current = null; };
  }, [shape, height]);

  useEffect(() => { plot.current?.setData(columns); }, [columns]);
  return createElement("div", { ref: box, className: "chart", style: { height }, role: "img", "aria-label": label });
}

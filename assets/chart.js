// Live series on uPlot: colours from the page's tokens, follows the theme, the width and the data.
// The box has its size from the start; the library comes once the box is near the screen.
import { createElement, useEffect, useRef, useState } from "react";
import "uplot/dist/uPlot.min.css";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function LiveChart({ columns = [], series = [], lang = "es", currency = "EUR", label = "", height = 300, unit = "day", unfinished = "" }) {
  const box = useRef(null);
  const plot = useRef(null);
  const [uPlot, setLibrary] = useState(null);
  const latest = useRef();
  latest.current = { columns, unfinished };
  const shape = JSON.stringify([series, lang, currency, unit]);

  useEffect(() => {
    let gone = false;
    const near = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      near.disconnect();
      import("uplot").then((found) => gone || setLibrary(() => found.default));
    }, { rootMargin: "200px" });
    near.observe(box.current);
    return () => { gone = true; near.disconnect(); };
  }, []);

  useEffect(() => {
    if (!uPlot) return undefined;
    const host = box.current;
    const money = new Intl.NumberFormat(lang, { style: "currency", currency, maximumFractionDigits: 0 });
    const cents = new Intl.NumberFormat(lang, { style: "currency", currency });
    const plain = new Intl.NumberFormat(lang, { maximumFractionDigits: 1 });
    const day = new Intl.DateTimeFormat(lang, unit === "hour" ? { hour: "2-digit", minute: "2-digit", timeZone: "UTC" } : { day: "numeric", month: "short", timeZone: "UTC" });
    const name = (field) => new Intl.DisplayNames(lang, { type: "dateTimeField" }).of(field); // "día", "hour"
    // The last day is not over: it is drawn paler and says so, or it would look like a fall.
    const pale = (u) => {
      const last = u.data[0].length - 1;
      if (!latest.current.unfinished || last < 1) return;
      const [from, to] = [last - 1, last].map((n) => u.valToPos(u.data[0][n], "x", true));
      u.ctx.save();
      u.ctx.globalAlpha = 0.65;
      u.ctx.fillStyle = token("--surface");
      u.ctx.fillRect(from, u.bbox.top, to - from + 4 * devicePixelRatio, u.bbox.height);
      u.ctx.globalAlpha = 1;
      u.ctx.font = `${12 * devicePixelRatio}px Hanken Grotesk, system-ui`;
      u.ctx.textAlign = "right";
      u.ctx.textBaseline = "top";
      const wide = u.ctx.measureText(latest.current.unfinished).width;
      u.ctx.fillRect(to - wide, u.bbox.top, wide, 14 * devicePixelRatio); // the words do not lie on a grid line
      u.ctx.fillStyle = token("--ink-3");
      u.ctx.fillText(latest.current.unfinished, to, u.bbox.top);
      u.ctx.restore();
    };
    const when = (u, at, n) => day.format(new Date(at * 1000)) + (latest.current.unfinished && n === u.data[0].length - 1 ? `, ${latest.current.unfinished}` : "");
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
        hooks: { draw: [pale] },
        cursor: { drag: { x: false, y: false }, points: { size: 7 } },
        scales: { x: { time: true }, ...Object.fromEntries(scales.map((name) => [name, { range: (_u, _low, high) => [0, (high || 1) * 1.08] }])) },
        axes: [
          { ...axis, grid: { show: false }, size: 34, values: (_u, splits) => splits.map((at) => day.format(new Date(at * 1000))) },
          ...scales.map((name, n) => ({
            ...axis, scale: name, side: n === 0 ? 3 : 1, grid: n === 0 ? axis.grid : { show: false },
            values: (_u, splits) => {
              const fine = splits.length > 1 && splits[1] - splits[0] < 1; // a step less than a whole
              if (name === "money") return splits.map((value) => (fine ? cents : money).format(value));
              return splits.map((value) => (name === "count" && !Number.isInteger(value) ? "" : plain.format(value)));
            },
          })),
        ],
        series: [
          { label: name(unit), value: (u, at, _series, n) => (at == null ? "" : when(u, at, n)) },
          ...series.map((one) => ({
            label: one.label, scale: one.scale, stroke: token(`--${one.color}`), width: 2.25, dash: one.dash ? [6, 5] : undefined,
            fill: one.fill ? `color-mix(in srgb, ${token(`--${one.color}`)} 14%, transparent)` : undefined, points: { show: false },
            value: (_u, value) => (value == null ? "—" : (one.scale === "money" ? cents : plain).format(value)),
          })),
        ],
      }, latest.current.columns, host);
      // The whole is one image with a name and has a table beside it: its legend is for the eye only.
      plot.current.root.querySelector(".u-legend")?.setAttribute("aria-hidden", "true");
    };
    draw();
    const size = new ResizeObserver(() => plot.current?.setSize({ width: Math.max(260, host.clientWidth), height: height - 34 }));
    size.observe(host);
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
    return () => { size.disconnect(); theme.disconnect(); plot.current?.destroy(); plot.current = null; };
  }, [uPlot, shape, height]);

  useEffect(() => { plot.current?.setData(columns); }, [columns, unfinished]);
  return createElement("div", { ref: box, className: "chart", style: { height }, role: "img", "aria-label": label });
}

// A figure of Plotly's basic bundle in a box that has its size from the start. The bundle comes after the page has been
// painted, once the box is near the screen; on a small screen once somebody asks for it, from then on by itself.
import { createElement, useEffect, useRef, useState } from "react";

const SMALL = "(max-width: 700px)";
const WANTED = "vk-figures"; // remembered by the browser: figures are wanted on this small screen
const idle = (work) => (window.requestIdleCallback ? window.requestIdleCallback(work, { timeout: 2000 }) : setTimeout(work, 200));
const copied = (value) => JSON.parse(JSON.stringify(value));
const isPlain = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
// what a figure says of an axis lies over what the page says of it
const over = (page, own = {}) => ({ ...page, ...Object.fromEntries(Object.entries(own).map(([name, value]) => [name, isPlain(value) && isPlain(page[name]) ? { ...page[name], ...value } : value])) });
const wanted = () => { try { return localStorage.getItem(WANTED) === "yes"; } catch { return false; } };
const remember = () => { try { localStorage.setItem(WANTED, "yes"); } catch { /* a browser that keeps nothing asks again */ } };

export function Figure({ figure = {}, layout = {}, config = {}, height = 360, show = "" }) {
  const box = useRef(null);
  const [Plotly, setLibrary] = useState(null);
  const [asks, ask] = useState(false);
  const [asked, want] = useState(false);
  const shape = JSON.stringify([figure.data || [], over(layout, figure.layout)]);

  useEffect(() => {
    if (!asked && matchMedia(SMALL).matches && !wanted()) { ask(true); return undefined; }
    let gone = false;
    const load = () => gone || import("plotly.js-basic-dist-min").then((found) => gone || setLibrary(() => found.default || found));
    const near = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      near.disconnect();
      if (asked) load();
      else idle(load);
    }, { rootMargin: "200px" });
    near.observe(box.current);
    return () => { gone = true; near.disconnect(); };
  }, [asked]);

  useEffect(() => {
    if (!Plotly) return;
    const [data, whole] = JSON.parse(shape);
    Plotly.react(box.current, data, whole, copied(config));
  }, [Plotly, shape]);

  useEffect(() => {
    if (!Plotly) return undefined;
    const host = box.current;
    const wide = new ResizeObserver(() => host.clientWidth && host.data && Plotly.Plots.resize(host));
    wide.observe(host);
    return () => { wide.disconnect(); Plotly.purge(host); };
  }, [Plotly]);

  return createElement("div", { className: "figure", style: { height: `${height}px` } },
    createElement("div", { ref: box, style: { width: "100%", height: "100%" } }),
    asks && !asked && createElement("button", { type: "button", className: "btn ask", onClick: () => { remember(); want(true); } }, show));
}

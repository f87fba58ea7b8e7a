// Today so far, by hour: numbers as the server tells them, over a stream of their own that rests while nobody looks.
import { createElement, useEffect, useRef, useState } from "react";
import { LiveChart } from "./chart.js";
import { TimeAgo } from "./timeago.js";

const SERIES = [["spend", "money", "series-1", true, false], ["clicks", "count", "series-3", false, true]];
const TILES = [["spend", "money"], ["revenue", "money"], ["roas", "times"], ["conversions", "count"], ["clicks", "count"]];

// The newest numbers of a campaign and how the stream is: waiting, on, off (it comes again by itself), paused (the page is hidden).
function useToday(campaign) {
  const [today, setToday] = useState(null);
  const [state, setState] = useState("waiting");
  useEffect(() => {
    if (!campaign) return undefined;
    let source = null;
    let timer = null;
    let pause = 1000;
    const shut = () => { source?.close(); source = null; clearTimeout(timer); };
    const open = () => {
      if (source || document.hidden) return;
      source = new EventSource(`/api/meta/metrics/${campaign}/realtime`, { withCredentials: true });
      source.addEventListener("today", (event) => {
        pause = 1000;
        setState("on");
        setToday({ ...JSON.parse(event.data), heard: Date.now() });
      });
      source.onerror = () => {
        setState("off");
        if (source?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
        shut();
        timer = setTimeout(open, pause);
        pause = Math.min(pause * 2, 30000);
      };
    };
    const seen = () => {
      if (document.hidden) { shut(); setState("paused"); } else { setState("waiting"); open(); }
    };
    setToday(null);
    seen();
    document.addEventListener("visibilitychange", seen);
    return () => { shut(); document.removeEventListener("visibilitychange", seen); };
  }, [campaign]);
  return [today, state];
}

export function LiveToday({ campaign = "", lang = "es", texts = {}, height = 240, stale = 1200 }) {
  const [today, state] = useToday(campaign);
  const currency = today?.currency || "EUR";
  const forms = useRef({});
  if (forms.current.key !== lang + currency) {
    forms.current = {
      key: lang + currency,
      money: new Intl.NumberFormat(lang, { style: "currency", currency }),
      count: new Intl.NumberFormat(lang, { maximumFractionDigits: 1 }),
      times: new Intl.NumberFormat(lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
    };
  }
  const written = (kind, value) => (value == null ? "—" : forms.current[kind].format(value) + (kind === "times" ? "×" : ""));
  const ago = (seconds) => createElement(TimeAgo, { at: seconds == null ? "" : new Date(today.heard - seconds * 1000).toISOString(), lang, stale, never: "—" });
  const tone = { on: "good", off: "warn", paused: "", waiting: "info" }[state];
  const rows = today?.rows || [];
  const columns = [rows.map((row) => Number(row.value) * 3600), ...SERIES.map(([name]) => rows.map((row) => Number(row[name])))];
  return createElement("div", { className: "stack", "data-today": state },
    createElement("p", { className: "spread small" },
      createElement("span", { className: `pill ${tone}`, role: "status" }, texts[state]),
      today && createElement("span", { className: "quiet" }, `${texts.totals} `, ago(today.ageSeconds)),
      rows.length > 0 && createElement("span", { className: "quiet" }, `${texts.hours} `, ago(rows[0].ageSeconds)),
      today && createElement("span", { className: "quiet" }, today.timezone)),
    createElement("dl", { className: "kpis close" }, TILES.map(([name, kind]) =>
      createElement("div", { className: "kpi", key: name },
        createElement("dt", null, texts[name]),
        createElement("dd", { className: "value num" }, written(kind, today?.totals[name]))))),
    rows.length > 0 || !today
      ? createElement(LiveChart, {
        columns, lang, currency, height, label: texts.chart, unit: "hour",
        series: SERIES.map(([name, scale, color, fill, dash]) => ({ label: texts[name], scale, color, fill, dash })),
      })
      : createElement("p", { className: "quiet" }, texts.none));
}

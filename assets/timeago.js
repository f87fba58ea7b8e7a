// "hace 3 min", ticking on the reader's clock; turns to a warning once it is older than it should be.
import { createElement, useEffect, useState } from "react";

const STEPS = [[60, "second", 1], [3600, "minute", 60], [86400, "hour", 3600], [Infinity, "day", 86400]];

export function TimeAgo({ at, lang = "es", stale = 1200, never = "—" }) {
  const [now, tick] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => tick(Date.now()), 15000);
    return () => clearInterval(timer);
  }, []);
  if (!at) return createElement("span", { className: "quiet" }, never);
  const age = Math.max(0, (now - Date.parse(at)) / 1000);
  const [, unit, size] = STEPS.find(([below]) => age < below);
  const text = new Intl.RelativeTimeFormat(lang, { numeric: "auto", style: "short" }).format(-Math.floor(age / size), unit);
  const whole = new Date(at).toLocaleString(lang);
  return createElement("time", { dateTime: at, title: whole, className: age > stale ? "pill warn" : "quiet num" }, text);
}

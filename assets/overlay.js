// What lies above every page: short messages, and that the server is out of reach.
// Messages follow Reflex's contract for toasts: refs.__toast.success(text, options), .dismiss(id) and so on.
import { createElement as h, useContext, useEffect, useRef, useState } from "react";
import { EventLoopContext } from "$/utils/context";
import { refs } from "$/utils/state";

const KINDS = ["success", "error", "warning", "info", "loading"];
const MOST = 4;
const language = () => (document.documentElement.lang === "en" ? "en" : "es");
let last = 0;

export function Toasts({ close }) {
  const box = useRef(null);
  const [shown, setShown] = useState([]);
  const [held, setHeld] = useState(false); // nothing vanishes from under a pointer or a focus

  useEffect(() => {
    const show = (kind) => (text, options = {}) => {
      const id = options.id ?? `toast-${(last += 1)}`;
      const one = { id, kind, text: text || options.title, more: options.description, left: options.duration ?? (kind === "error" ? 10000 : 6000) };
      setShown((before) => [...before.filter((other) => other.id !== id), one].slice(-MOST));
      return id;
    };
    const api = show("info");
    for (const kind of KINDS) api[kind] = show(kind);
    api.dismiss = (id) => setShown((before) => (id === undefined ? [] : before.filter((one) => one.id !== id)));
    refs.__toast = api;
    return () => { delete refs.__toast; };
  }, []);

  useEffect(() => {
    const node = box.current;
    if (node.matches(":popover-open")) node.hidePopover();
    if (shown.length) node.showPopover(); // again each time: above whatever dialog was opened since
  }, [shown.length]);

  useEffect(() => {
    if (held || !shown.length) return undefined;
    const tick = setInterval(() => setShown((before) => before.map((one) => ({ ...one, left: one.left - 500 })).filter((one) => one.left > 0)), 500);
    return () => clearInterval(tick);
  }, [held, shown.length > 0]);

  const hold = (on) => () => setHeld(on);
  return h("ol", { ref: box, popover: "manual", className: "plain toasts", onMouseEnter: hold(true), onMouseLeave: hold(false), onFocus: hold(true), onBlur: hold(false) },
    shown.map((one) => h("li", { key: one.id, className: `toast ${one.kind}`, role: one.kind === "error" ? "alert" : "status" },
      h("div", null, h("p", null, one.text), one.more && h("p", { className: "small" }, one.more)),
      h("button", { type: "button", onClick: () => { setHeld(false); refs.__toast.dismiss(one.id); }, "aria-label": close[language()] }, "×"))));
}

// Two failures in a row: one is what every deploy looks like.
export function Offline({ text }) {
  const [, errors] = useContext(EventLoopContext);
  if (errors.length < 2) return null;
  return h("p", { className: "offline banner bad", role: "alert" }, text[language()]);
}

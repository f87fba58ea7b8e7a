// One event stream for all tabs of this browser: the tab that holds the lock listens and tells the others.
import { useEffect, useRef } from "react";

const CHANNEL = "vk-live";
let started = false;

const state = (on) => document.documentElement.setAttribute("data-live", on ? "on" : "off");
const deliver = (message) => window.dispatchEvent(new CustomEvent("vk:live", { detail: message }));

function listen(tell) {
  let pause = 1000;
  const open = () => {
    const source = new EventSource("/api/stream", { withCredentials: true });
    source.addEventListener("ready", () => { pause = 1000; tell({ kind: "state", on: true }); });
    source.addEventListener("change", (event) => tell({ kind: "change", message: JSON.parse(event.data) }));
    source.addEventListener("end", () => { source.close(); tell({ kind: "state", on: false }); });
    source.onerror = () => {
      tell({ kind: "state", on: false });
      if (source.readyState === EventSource.CLOSED) {
        setTimeout(open, pause);
        pause = Math.min(pause * 2, 30000);
      }
    };
  };
  open();
}

function start() {
  if (started) return;
  started = true;
  state(false);
  const hear = (data) => {
    if (data.kind === "state") state(data.on);
    else deliver(data.message);
  };
  if (!("BroadcastChannel" in window) || !navigator.locks) return listen(hear);
  const channel = new BroadcastChannel(CHANNEL);
  let leads = false;
  let last = false;
  channel.onmessage = ({ data }) => {
    if (data.kind === "ask") { if (leads) channel.postMessage({ kind: "state", on: last }); }
    else hear(data);
  };
  channel.postMessage({ kind: "ask" });
  navigator.locks.request(CHANNEL, () => {
    leads = true;
    listen((data) => {
      if (data.kind === "state") last = data.on;
      hear(data);
      channel.postMessage(data);
    });
    return new Promise(() => {}); // hold it until the tab closes
  });
}

// Calls on_change with what changed, at most every 300 ms; asks on its own every 30 s while the stream is down.
export function Live({ topics = [], onChange }) {
  const call = useRef(onChange);
  call.current = onChange;
  useEffect(() => {
    start();
    let timer = null;
    const due = new Map();
    const flush = () => {
      timer = null;
      for (const message of due.values()) call.current?.(message.topic, message.account || "", JSON.stringify(message.data || {}));
      due.clear();
    };
    const hear = ({ detail }) => {
      if (topics.length && !topics.includes(detail.topic)) return;
      due.set(`${detail.topic}:${detail.account}`, detail);
      timer ||= setTimeout(flush, 300);
    };
    const poll = setInterval(() => {
      if (document.documentElement.getAttribute("data-live") !== "on" && !document.hidden) call.current?.("poll", "", "{}");
    }, 30000);
    window.addEventListener("vk:live", hear);
    return () => { window.removeEventListener("vk:live", hear); clearInterval(poll); clearTimeout(timer); };
  }, []);
  return null;
}

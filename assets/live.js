// One event stream for all tabs of this browser: the tab that holds the lock listens and tells the others.
import { useEffect, useRef } from "react";

const CHANNEL = "vk-live";
let started = false;

// What changed while nobody listened is not sent again: whoever shows it has to ask, once, when the stream is back.
let seen = false;
const state = (on) => {
  const was = document.documentElement.getAttribute("data-live") === "on";
  document.documentElement.setAttribute("data-live", on ? "on" : "off");
  if (on && !was && seen) window.dispatchEvent(new Event("vk:live-back"));
  if (on) seen = true;
};
const deliver = (message) => window.dispatchEvent(new CustomEvent("vk:live", { detail: message }));

function listen(tell) {
  let pause = 1000;
  let ended = false;
  const open = () => {
    ended = false;
    const source = new EventSource("/api/stream", { withCredentials: true });
    source.addEventListener("ready", () => { pause = 1000; tell({ kind: "state", on: true }); });
    source.addEventListener("change", (event) => tell({ kind: "change", message: JSON.parse(event.data) }));
    source.addEventListener("end", () => { source.close(); ended = true; tell({ kind: "state", on: false }); });
    source.onerror = () => {
      tell({ kind: "state", on: false });
      if (source.readyState === EventSource.CLOSED) {
        setTimeout(open, pause);
        pause = Math.min(pause * 2, 30000);
      }
    };
  };
  open();
  return () => { if (ended) open(); }; // somebody arrived after the session had ended: perhaps signed in again
}

function start() {
  if (started) return;
  started = true;
  setTimeout(() => document.documentElement.hasAttribute("data-live") || state(false), 5000); // until then nobody knows
  const hear = (data) => {
    if (data.kind === "state") state(data.on);
    else deliver(data.message);
  };
  if (!("BroadcastChannel" in window) || !navigator.locks) { listen(hear); return; }
  const channel = new BroadcastChannel(CHANNEL);
  let wake = null; // set in the tab that listens for all
  let last = false;
  channel.onmessage = ({ data }) => {
    if (data.kind !== "ask") hear(data);
    else if (wake) {
      channel.postMessage({ kind: "state", on: last });
      wake();
    }
  };
  channel.postMessage({ kind: "ask" });
  navigator.locks.request(CHANNEL, () => {
    wake = listen((data) => {
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
      // nothing moves under a card that is being carried
      if (document.documentElement.hasAttribute("data-dragging")) { timer = setTimeout(flush, 300); return; }
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
    // Not all at once: after a restart of the server every open tab comes back in the same moment.
    const back = () => {
      due.set("poll:", { topic: "poll", account: null, data: {} });
      timer ||= setTimeout(flush, 300 + Math.random() * 1500);
    };
    window.addEventListener("vk:live", hear);
    window.addEventListener("vk:live-back", back);
    return () => {
      window.removeEventListener("vk:live", hear);
      window.removeEventListener("vk:live-back", back);
      clearInterval(poll);
      clearTimeout(timer);
    };
  }, []);
  return null;
}

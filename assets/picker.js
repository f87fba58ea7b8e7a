// Choosing several things by typing a part of their name: chips, a list under the input, all by keyboard.
// The form carries what is picked as JSON in a hidden field.
import { createElement as h, useEffect, useId, useRef, useState } from "react";

const SHORTEST = 2; // letters before anything is searched
const PAUSE = 250;
const listed = new Map(); // an account's own audiences are few: asked for once

const compact = (number) => new Intl.NumberFormat(document.documentElement.lang, { notation: "compact" }).format(number);
const same = (one, other) => one.key === other.key && one.kind === other.kind;
const placed = ["region", "city"]; // have names that others have too
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

async function ask(path, signal) {
  const answer = await fetch(path, { signal, headers: { "Accept-Language": document.documentElement.lang } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.details?.fields?.[0]?.message || body.error);
  return body.items;
}

async function find(sought, account, text, signal) {
  if (sought !== "audiences") return ask(`/api/meta/targeting?accountId=${account}&kind=${sought}&q=${encodeURIComponent(text)}`, signal);
  if (!listed.has(account)) listed.set(account, ask(`/api/meta/targeting/audiences?accountId=${account}`).catch((error) => { listed.delete(account); throw error; }));
  const every = (await listed.get(account)).map((one) => ({ ...one, about: "", kind: "audience" }));
  return every.filter((one) => plain(one.name).includes(plain(text)));
}

export function Picker({ name, label, sought, account, value, hint, wrong, texts }) {
  const id = useId();
  const hidden = useRef(null);
  const input = useRef(null);
  const list = useRef(null);
  const offers = useRef(null);
  const [picked, setPicked] = useState(() => JSON.parse(value || "[]"));
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [found, setFound] = useState(null); // null while nobody knows
  const [failed, setFailed] = useState("");
  const [at, setAt] = useState(0);
  const [said, setSaid] = useState("");
  const short = sought !== "audiences" && text.trim().length < SHORTEST;

  useEffect(() => {
    if (!open || short) { setFound(null); setFailed(""); return undefined; }
    const stop = new AbortController();
    setFound(null); setFailed("");
    const wait = setTimeout(async () => {
      try {
        const items = await find(sought, account, text.trim(), stop.signal);
        if (!stop.signal.aborted) { setFound(items); setAt(0); }
      } catch (error) {
        if (!stop.signal.aborted) { setFound([]); setFailed(error instanceof TypeError || !error.message ? texts.failed : error.message); }
      }
    }, sought === "audiences" ? 0 : PAUSE);
    return () => { clearTimeout(wait); stop.abort(); };
  }, [open, text, short, sought, account]);

  // The form's own listeners hear of it as of any other input.
  const told = useRef(null);
  useEffect(() => {
    if (told.current !== null && told.current !== picked) hidden.current.dispatchEvent(new Event("input", { bubbles: true }));
    told.current = picked;
  }, [picked]);

  const offered = (found || []).filter((one) => !picked.some((other) => same(one, other)));
  const active = open && offered.length ? Math.min(at, offered.length - 1) : -1;
  useEffect(() => { if (open) offers.current.scrollIntoView({ block: "nearest" }); }, [open, found]);
  useEffect(() => { list.current?.children[active]?.scrollIntoView({ block: "nearest" }); }, [active]);

  const pick = (one) => {
    setPicked([...picked, { key: one.key, name: one.name, kind: one.kind, about: one.about, country: one.country || "" }]);
    setSaid(texts.added.replace("{name}", called(one)));
    setText("");
    setOpen(sought === "audiences");
    input.current.focus();
  };
  const drop = (one) => {
    setPicked(picked.filter((other) => !same(one, other)));
    setSaid(texts.removed.replace("{name}", called(one)));
    input.current.focus();
  };
  const press = (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) setOpen(true);
      else if (offered.length) setAt((active + (event.key === "ArrowDown" ? 1 : offered.length - 1)) % offered.length);
    } else if (event.key === "Enter") {
      event.preventDefault(); // it chooses; it never sends the form
      if (active >= 0) pick(offered[active]);
    } else if (event.key === "Escape" && (open || text)) {
      event.preventDefault();
      event.stopPropagation();
      setOpen(false); setText("");
    } else if (event.key === "Backspace" && !text && picked.length) drop(picked[picked.length - 1]);
  };

  const note = failed || (short ? texts.short : found === null ? texts.searching : offered.length ? "" : found.length ? texts.all : sought === "audiences" && !text ? texts.none : texts.empty);
  const called = (one) => (placed.includes(one.kind) ? `${one.name} (${texts[`kind_${one.kind}`].toLowerCase()})` : one.name);
  const kind = (one) => [texts[`kind_${one.kind}`], one.about].filter(Boolean).join(" · ");
  return h("div", { className: "picker", onBlur: (event) => { if (!event.currentTarget.contains(event.relatedTarget)) { setOpen(false); setText(""); } } },
    h("label", { htmlFor: name }, label),
    h("input", { ref: hidden, type: "hidden", name, value: JSON.stringify(picked), readOnly: true }),
    h("div", { className: "place" }, h("div", { className: "input box", "aria-invalid": wrong ? "true" : "false", onClick: (event) => { if (event.target === event.currentTarget) input.current.focus(); } },
      picked.map((one) => h("span", { className: "chip", key: `${one.kind} ${one.key}`, title: kind(one) || undefined },
        h("span", null, called(one)),
        h("button", { type: "button", "aria-label": texts.remove.replace("{name}", called(one)), onClick: () => drop(one) }, "×"))),
      h("input", {
        ref: input, id: name, type: "text", role: "combobox", autoComplete: "off", spellCheck: false, value: text,
        placeholder: picked.length ? "" : texts.placeholder,
        "aria-autocomplete": "list", "aria-expanded": open, "aria-controls": `${id}list`, "aria-invalid": wrong ? "true" : "false",
        "aria-activedescendant": active >= 0 ? `${id}${active}` : undefined,
        "aria-describedby": `${name}-hint ${name}-wrong`,
        onChange: (event) => { setText(event.target.value); setOpen(true); },
        onFocus: () => { if (sought === "audiences") setOpen(true); },
        onClick: () => setOpen(true), onKeyDown: press,
      })),
    h("div", { ref: offers, className: "offers", hidden: !open },
      h("ul", { ref: list, id: `${id}list`, role: "listbox", "aria-label": label, className: "plain", hidden: !offered.length },
        offered.map((one, number) => h("li", {
          key: `${one.kind} ${one.key}`, id: `${id}${number}`, role: "option", "aria-selected": number === active,
          onMouseDown: (event) => event.preventDefault(), onClick: () => pick(one), onMouseMove: () => { if (number !== at) setAt(number); },
        },
        h("span", null, h("b", null, one.name), kind(one) ? h("small", null, kind(one)) : null),
        one.people ? h("small", { className: "num" }, texts.people.replace("{count}", compact(one.people))) : null))),
      note ? h("p", { className: failed ? "wrong" : "quiet small" }, note) : null)),
    h("span", { className: "sr", role: "status" }, open && found && offered.length ? texts.found.replace("{count}", offered.length) : open && note ? note : said),
    hint ? h("span", { className: "hint", id: `${name}-hint` }, hint) : null,
    h("span", { className: "wrong", role: "alert", id: `${name}-wrong` }, wrong));
}

// Tells the server what the audience is to be, a while after something about it was changed.
export function AudienceWatch({ onAsk }) {
  const mark = useRef(null);
  const tell = useRef(onAsk);
  tell.current = onAsk;
  useEffect(() => {
    const form = mark.current.closest("form");
    let wait = 0;
    let last = null;
    const ask = () => {
      const typed = {};
      for (const [name, value] of new FormData(form)) if (name.startsWith("targeting.")) typed[name] = value;
      const now = JSON.stringify(typed);
      if (now === last) return;
      last = now;
      tell.current(now);
    };
    const later = (event) => {
      if (!event.target.name?.startsWith("targeting.")) return;
      clearTimeout(wait);
      wait = setTimeout(ask, 600);
    };
    for (const kind of ["input", "change"]) form.addEventListener(kind, later);
    ask();
    return () => { clearTimeout(wait); for (const kind of ["input", "change"]) form.removeEventListener(kind, later); };
  }, []);
  return h("i", { ref: mark, hidden: true });
}

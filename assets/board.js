// Carrying cards between columns by mouse, by touch (after a short press, so that swiping still scrolls) and by keyboard.
// React owns the cards: nothing of its tree is moved here. A copy follows the pointer, a line shows where the card would land,
// and what was decided is told to the page, which draws the board anew.
import { createElement, useLayoutEffect, useRef } from "react";

const PRESS = 260; // ms until a touch picks up
const SLACK = 6; // px until a mouse drags, and until a touch is a swipe
const EDGE = 56; // px from an edge where the board scrolls by itself
const OWN = "a,button:not(.title),input,select,textarea,summary,label,[contenteditable]";

const columnsOf = (board) => [...board.querySelectorAll("[data-stage]")];
const cardsOf = (column, but) => [...column.querySelectorAll("[data-card]")].filter((card) => card.dataset.card !== but);
const allowed = (card, column) =>
  column.dataset.stage === card.dataset.at || card.dataset.targets.split(" ").includes(column.dataset.stage);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? "");

export function BoardMoves({ texts = {}, drawer = "", onMove, onShut }) {
  const voice = useRef(null);
  const told = useRef({});
  told.current = { texts, onMove, onShut };

  // With the cards and before they are painted: a key that is pressed on a card the moment it shows is not lost.
  useLayoutEffect(() => {
    const root = document.documentElement;
    let held = null; // {id, title, stage, index, above, from, was, ghost?, dx, dy, keys}
    let focused = null; // the card that has the focus, by its id: nodes may be moved or made anew
    let waiting = null; // a press that may become a drag
    let awaited = null; // the card to focus once the board shows it in its new place
    let frame = 0;
    const line = document.createElement("div");
    line.className = "board-line";
    line.hidden = true;
    document.body.append(line);

    const board = () => document.querySelector("[data-board]");
    const find = (id) => board()?.querySelector(`[data-card="${CSS.escape(id)}"]`);
    const columnOf = (stage) => board()?.querySelector(`[data-stage="${stage}"]`);
    const say = (name, values) => { if (voice.current) voice.current.textContent = fill(told.current.texts[name] || "", values); };
    const named = (stage) => columnOf(stage)?.dataset.name || "";

    const hold = (card, more) => {
      const column = card.closest("[data-stage]");
      const cards = [...column.querySelectorAll("[data-card]")];
      const index = cards.indexOf(card);
      held = { id: card.dataset.card, title: card.dataset.title, stage: column.dataset.stage, from: column.dataset.stage, was: index, ...more };
      aim(index);
      root.setAttribute("data-dragging", "");
      mark(card);
    };
    const mark = (card) => {
      card.setAttribute("data-held", "");
      for (const one of columnsOf(board())) one.setAttribute("data-drop", allowed(card, one) ? "yes" : "no");
    };
    // The place is remembered by the card above it, which stays the same when cards come or go.
    const aim = (index) => {
      held.index = index;
      held.above = cardsOf(columnOf(held.stage), held.id)[index - 1]?.dataset.card || "";
    };
    // The board was read anew under a carried card: it stays in hand, unless it is gone.
    const keep = () => {
      const card = find(held.id);
      if (!card) return cancel();
      const column = card.closest("[data-stage]");
      held.from = column.dataset.stage;
      held.was = [...column.querySelectorAll("[data-card]")].indexOf(card);
      const place = columnOf(held.stage);
      if (place) {
        const cards = cardsOf(place, held.id);
        const above = cards.findIndex((one) => one.dataset.card === held.above);
        held.index = held.above === "" ? 0 : above < 0 ? Math.min(held.index, cards.length) : above + 1;
      }
      if (!card.hasAttribute("data-held")) mark(card);
      if (held.keys) draw();
    };
    const release = () => {
      cancelAnimationFrame(frame);
      clearTimeout(waiting?.timer);
      held?.ghost?.remove();
      for (const one of document.querySelectorAll("[data-held]")) one.removeAttribute("data-held");
      for (const one of document.querySelectorAll("[data-drop]")) one.removeAttribute("data-drop");
      root.removeAttribute("data-dragging");
      line.hidden = true;
      held = waiting = null;
    };
    const cancel = () => {
      if (!held) return release();
      const { id, title, keys } = held;
      release();
      say("cancelled", { card: title });
      if (keys) find(id)?.focus();
    };

    // Where the line is: above the card of that index, or below the last one.
    const draw = () => {
      const column = held.stage && columnOf(held.stage);
      if (!column) { line.hidden = true; return; }
      const cards = cardsOf(column, held.id);
      const list = column.querySelector("[data-cards]").getBoundingClientRect();
      const below = cards[held.index];
      const last = cards.at(-1);
      const top = below ? below.getBoundingClientRect().top - 5 : last ? last.getBoundingClientRect().bottom + 5 : list.top + 4;
      line.hidden = false;
      Object.assign(line.style, { left: `${list.left}px`, width: `${list.width}px`, top: `${top}px` });
    };
    const drop = () => {
      const { id, title, stage, index, from, was, keys } = held;
      const card = find(id);
      const column = stage && columnOf(stage);
      const cards = column ? cardsOf(column, id) : [];
      release();
      if (!card || !column || (stage === from && index === was)) { say("cancelled", { card: title }); if (keys) card?.focus(); return; }
      say("dropped", { card: title, column: named(stage), place: index + 1 });
      if (keys) awaited = { id, stage, until: Date.now() + 8000 };
      told.current.onMove?.(id, stage, cards[index - 1]?.dataset.card || "");
    };

    // -- pointers

    const under = (x, y) => {
      const column = document.elementFromPoint(x, y)?.closest("[data-stage]");
      const card = find(held.id);
      if (!column || !card || !allowed(card, column)) { held.stage = null; return; }
      const after = cardsOf(column, held.id).findIndex((one) => {
        const box = one.getBoundingClientRect();
        return y < box.top + box.height / 2;
      });
      held.stage = column.dataset.stage;
      aim(after < 0 ? cardsOf(column, held.id).length : after);
    };
    const follow = () => {
      if (!held?.ghost) return;
      const { x, y } = held;
      const box = board()?.getBoundingClientRect();
      if (box && x < box.left + EDGE) board().scrollBy(-14, 0);
      else if (box && x > box.right - EDGE) board().scrollBy(14, 0);
      if (y < EDGE) scrollBy(0, -12);
      else if (y > innerHeight - EDGE) scrollBy(0, 12);
      held.ghost.style.transform = `translate(${x - held.dx}px, ${y - held.dy}px) rotate(1.5deg)`;
      under(x, y);
      draw();
      frame = requestAnimationFrame(follow);
    };
    const pick = ({ card, x, y }) => {
      const box = card.getBoundingClientRect();
      const ghost = card.cloneNode(true);
      ghost.removeAttribute("data-card");
      ghost.classList.add("ghost");
      ghost.setAttribute("aria-hidden", "true");
      Object.assign(ghost.style, { width: `${box.width}px`, height: `${box.height}px` });
      document.body.append(ghost);
      getSelection()?.removeAllRanges();
      hold(card, { ghost, x, y, dx: x - box.left, dy: y - box.top });
      say("carried", { card: held.title });
      follow();
    };

    const down = (event) => {
      const card = event.target.closest?.("[data-card]");
      if (!card) focused = null;
      if (!card || held || event.button !== 0 || !event.isPrimary || event.target.closest(OWN) || card.dataset.mine === "false") return;
      waiting = { card, x: event.clientX, y: event.clientY, touch: event.pointerType !== "mouse" };
      if (waiting.touch) waiting.timer = setTimeout(() => { const press = waiting; waiting = null; if (press && press.card.isConnected) { navigator.vibrate?.(12); pick(press); } }, PRESS);
    };
    const moved = (event) => {
      if (held?.ghost) { held.x = event.clientX; held.y = event.clientY; event.preventDefault(); return; }
      if (!waiting || Math.hypot(event.clientX - waiting.x, event.clientY - waiting.y) < SLACK) return;
      const press = waiting;
      clearTimeout(press.timer);
      waiting = null;
      if (press.touch) return; // a swipe
      pick(press);
      if (held) Object.assign(held, { x: event.clientX, y: event.clientY });
    };
    const up = (event) => {
      clearTimeout(waiting?.timer);
      waiting = null;
      if (!held?.ghost) return;
      held.x = event.clientX;
      held.y = event.clientY;
      under(held.x, held.y);
      const stop = (click) => { click.stopPropagation(); click.preventDefault(); };
      addEventListener("click", stop, { capture: true, once: true });
      setTimeout(() => removeEventListener("click", stop, { capture: true }), 50);
      drop();
    };
    const still = (event) => { if (held?.ghost && event.cancelable) event.preventDefault(); }; // the page does not scroll under a carried card
    const menu = (event) => { if (held?.ghost || waiting?.touch) event.preventDefault(); };
    const lost = () => { if (held?.ghost) cancel(); else { clearTimeout(waiting?.timer); waiting = null; } };

    // -- keys

    const step = (key) => {
      const card = find(held.id);
      const open = columnsOf(board()).filter((column) => allowed(card, column));
      const at = open.findIndex((column) => column.dataset.stage === held.stage);
      if (key === "ArrowLeft" || key === "ArrowRight") {
        const next = open[at + (key === "ArrowRight" ? 1 : -1)];
        if (!next) return;
        held.stage = next.dataset.stage;
        aim(Math.min(held.index, cardsOf(next, held.id).length));
        next.scrollIntoView({ block: "nearest", inline: "nearest" });
      } else {
        const most = cardsOf(open[at], held.id).length;
        aim(Math.max(0, Math.min(most, held.index + (key === "ArrowDown" ? 1 : -1))));
      }
      cardsOf(columnOf(held.stage), held.id)[Math.max(0, held.index - 1)]?.scrollIntoView({ block: "nearest" });
      draw();
      say("over", { card: held.title, column: named(held.stage), place: held.index + 1 });
    };
    const pressed = (event) => {
      if (held && event.key === "Escape") { event.preventDefault(); event.stopPropagation(); cancel(); return; }
      if (held?.keys) {
        if (event.key === " " || event.key === "Enter") { event.preventDefault(); event.stopPropagation(); drop(); }
        else if (event.key.startsWith("Arrow")) { event.preventDefault(); step(event.key); }
        else if (event.key === "Tab") cancel();
        return;
      }
      if (event.key !== " " || !event.target.matches?.("[data-card]") || event.target.dataset.mine === "false") return;
      event.preventDefault();
      hold(event.target, { keys: true });
      draw();
      say("picked", { card: held.title, column: named(held.stage), place: held.index + 1 });
    };

    // -- what the board shows afterwards, and the columns one at a time on a phone

    const settle = new MutationObserver(() => {
      if (held) keep();
      // A node that is moved or made anew loses the focus without its person having gone anywhere.
      if (focused && !awaited && document.activeElement === document.body) find(focused)?.focus({ preventScroll: true });
      if (!awaited) return;
      const card = find(awaited.id);
      if (Date.now() > awaited.until) awaited = null;
      else if (card && card.dataset.at === awaited.stage && document.activeElement !== card && !document.querySelector("dialog[open]")) {
        awaited = null;
        card.focus();
      }
    });
    settle.observe(document.querySelector("main") || document.body, { childList: true, subtree: true });
    const entered = (event) => { focused = event.target.matches?.("[data-card]") ? event.target.dataset.card : null; };
    const go = (event) => {
      const tab = event.target.closest?.("[data-go]");
      const column = tab && columnOf(tab.dataset.go);
      if (column) board().scrollTo({ left: column.offsetLeft - board().offsetLeft, behavior: "smooth" });
    };
    const seen = () => {
      const here = board();
      if (!here) return;
      const at = here.scrollLeft + here.clientWidth / 2;
      const shown = columnsOf(here).find((one) => one.offsetLeft - here.offsetLeft + one.offsetWidth > at);
      for (const tab of document.querySelectorAll("[data-go]")) tab.setAttribute("aria-pressed", String(tab.dataset.go === shown?.dataset.stage));
    };
    const mention = (event) => {
      const tag = event.target.closest?.("[data-mention]");
      const box = tag?.closest("form")?.querySelector("textarea");
      if (!box) return;
      box.setRangeText(`@${tag.dataset.mention} `, box.selectionStart, box.selectionEnd, "end");
      box.focus();
    };
    const shut = (event) => { // the address forgets the card, whichever way its drawer was closed
      if (event.target.id !== drawer) return;
      const here = new URL(location);
      here.searchParams.delete("card");
      history.replaceState(history.state, "", here);
      told.current.onShut?.();
    };
    const scrolled = (event) => { if (event.target === board()) seen(); };
    const first = setInterval(() => { if (board()) { seen(); clearInterval(first); } }, 200);

    document.addEventListener("pointerdown", down);
    document.addEventListener("pointermove", moved, { passive: false });
    document.addEventListener("pointerup", up);
    document.addEventListener("pointercancel", lost);
    document.addEventListener("touchmove", still, { passive: false });
    document.addEventListener("contextmenu", menu);
    document.addEventListener("keydown", pressed, true);
    document.addEventListener("focusin", entered);
    document.addEventListener("click", go);
    document.addEventListener("click", mention);
    document.addEventListener("close", shut, true);
    document.addEventListener("scroll", scrolled, true);
    return () => {
      release();
      settle.disconnect();
      clearInterval(first);
      line.remove();
      document.removeEventListener("pointerdown", down);
      document.removeEventListener("pointermove", moved);
      document.removeEventListener("pointerup", up);
      document.removeEventListener("pointercancel", lost);
      document.removeEventListener("touchmove", still);
      document.removeEventListener("contextmenu", menu);
      document.removeEventListener("keydown", pressed, true);
      document.removeEventListener("focusin", entered);
      document.removeEventListener("click", go);
      document.removeEventListener("click", mention);
      document.removeEventListener("close", shut, true);
      document.removeEventListener("scroll", scrolled, true);
    };
  }, []);

  return createElement("div", { ref: voice, className: "sr", role: "status", "aria-live": "assertive" });
}

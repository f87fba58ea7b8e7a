// What every page needs before anything else: its language, and its forms.
// Sends the forms marked with data-vk-form as JSON and shows what the server says at the right field.
// Passwords go straight to the API; they never pass through the page's state.
(() => {
  // Everything under /en is the English tree; from one tree to the other is always a full load.
  document.documentElement.lang = /^\/en(\/|$)/.test(location.pathname) ? "en" : "es";

  const busy = (form, on) => {
    for (const button of form.querySelectorAll("button[type=submit]")) {
      button.toggleAttribute("disabled", on);
      button.setAttribute("aria-busy", on ? "true" : "false");
    }
  };

  const clear = (form) => {
    for (const note of form.querySelectorAll("[data-error-for]")) note.textContent = "";
    for (const input of form.querySelectorAll("[aria-invalid=true]")) input.setAttribute("aria-invalid", "false");
  };

  const show = (form, answer) => {
    const fields = (answer.details && answer.details.fields) || [];
    let first = null;
    for (const { field, message } of fields) {
      const note = form.querySelector(`[data-error-for="${CSS.escape(field)}"]`);
      const input = form.elements.namedItem(field);
      if (!note) continue;
      note.textContent = message;
      if (input && input.setAttribute) {
        input.setAttribute("aria-invalid", "true");
        first ||= input;
      }
    }
    if (first) first.focus();
    const whole = form.querySelector('[data-error-for="form"]');
    if (whole && !first) whole.textContent = answer.error;
  };

  // Lists are named in data-vk-lists; empty dates and what data-vk-optional names are left out when empty, others mean the start of that day in UTC.
  const values = (form) => {
    const data = new FormData(form);
    const lists = (form.dataset.vkLists || "").split(",").filter(Boolean);
    const linked = form.querySelector("input[data-vk-token]"); // the link's token goes from the address to the API
    if (linked) data.set(linked.name, new URLSearchParams(location.search).get("token") || "");
    const found = Object.fromEntries([...data].filter(([name]) => !lists.includes(name)));
    for (const name of lists) found[name] = data.getAll(name);
    for (const name of (form.dataset.vkOptional || "").split(",")) if (!found[name]) delete found[name];
    for (const input of form.querySelectorAll("input[type=date]")) {
      if (input.value) found[input.name] = `${input.value}T00:00:00Z`;
      else delete found[input.name];
    }
    return nested(found, form);
  };

  // "policy.approval.verbs" is a place in an object; what was left empty there is left out.
  const nested = (flat, form) => {
    const found = {};
    for (const [name, value] of Object.entries(flat)) {
      const parts = name.split(".");
      if (parts.length === 1) { found[name] = value; continue; }
      if (value === "" || (Array.isArray(value) && !value.length)) continue;
      const kind = form.querySelector(`[name="${CSS.escape(name)}"]`).dataset.vkKind;
      const last = parts.pop();
      let place = found;
      for (const part of parts) place = place[part] ||= {};
      place[last] = kind === "number" ? Number(value) : kind === "flag" ? true : value;
    }
    for (const name of (form.dataset.vkObjects || "").split(",").filter(Boolean)) found[name] ||= {};
    return found;
  };

  // A secret is shown once, straight from the answer: it is never part of the page's state.
  const reveal = (form, secret) => {
    const dialog = document.querySelector(form.dataset.vkSecret);
    form.closest("dialog")?.close();
    form.reset();
    dialog.querySelector("[data-secret]").textContent = secret;
    dialog.showModal();
    dialog.addEventListener("close", () => { dialog.querySelector("[data-secret]").textContent = ""; }, { once: true });
  };

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent);
    button.setAttribute("data-copied", "true");
  });

  // Menus fold when one looks elsewhere: a click beside them, or Escape.
  const fold = (except) => {
    for (const menu of document.querySelectorAll("details[data-fold][open]")) if (menu !== except) menu.open = false;
  };
  document.addEventListener("click", ({ target }) => fold(target.closest("details[data-fold]")));
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    const open = document.querySelector("details[data-fold][open]");
    fold(null);
    open?.querySelector("summary").focus();
  });

  // A dialog begins at its top, wherever in it the focus goes first.
  document.addEventListener("toggle", ({ target }) => { if (target.matches?.("dialog[open]")) target.scrollTop = 0; }, true);

  // The browser knows every timezone; the list is filled when a field first asks for it.
  document.addEventListener("focusin", ({ target }) => {
    const zones = document.getElementById("zones");
    if (!zones || target.getAttribute?.("list") !== "zones" || zones.childElementCount) return;
    for (const zone of Intl.supportedValuesOf("timeZone")) zones.append(new Option(zone, zone));
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-vk-form]");
    if (!form) return;
    event.preventDefault();
    event.stopPropagation();
    clear(form);
    busy(form, true);
    try {
      const answer = await fetch(form.action, {
        method: form.dataset.vkMethod || "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
        body: JSON.stringify(values(form)),
      });
      const body = answer.status === 204 ? {} : await answer.json();
      if (!answer.ok) return show(form, body);
      const done = form.dataset.vkDone;
      if (body.secret) reveal(form, body.secret);
      else if (form.dataset.vkClose) {
        form.closest("dialog").close();
        form.reset();
      }
      else if (body.next) window.location.assign(body.next);
      else if (done) {
        form.hidden = true;
        document.querySelector(done).hidden = false;
        document.querySelector(done).focus();
      }
    } catch {
      show(form, { error: form.dataset.vkOffline });
    } finally {
      busy(form, false);
    }
  }, true);
})();

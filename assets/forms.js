// Sends the forms marked with data-vk-form as JSON and shows what the server says at the right field.
// Passwords go straight to the API; they never pass through the page's state.
(() => {
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

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-vk-form]");
    if (!form) return;
    event.preventDefault();
    event.stopPropagation();
    clear(form);
    busy(form, true);
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
        body: JSON.stringify(Object.fromEntries(new FormData(form))),
      });
      const body = answer.status === 204 ? {} : await answer.json();
      if (!answer.ok) return show(form, body);
      const done = form.dataset.vkDone;
      if (body.next) window.location.assign(body.next);
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

// What the browser lacks for the controls of kit.css: showing a password, placing a menu, closing a question.
(() => {
  document.addEventListener("click", ({ target }) => {
    const peek = target.closest("[data-reveal]");
    if (peek) {
      const input = document.getElementById(peek.dataset.reveal);
      const shown = input.type === "password";
      input.type = shown ? "text" : "password";
      peek.setAttribute("aria-pressed", String(shown));
      input.focus();
      return;
    }
    // A click on the dialog itself is a click on its backdrop: everything visible lies in a child.
    if (target.matches("dialog[data-light]")) target.close();
  });

  // A popover knows no place of its own: put it under its button, or above where there is no room.
  const place = (menu) => {
    const button = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
    if (!button) return;
    const at = button.getBoundingClientRect();
    if (at.bottom < 0 || at.top > innerHeight) return menu.hidePopover();
    const { width, height } = menu.getBoundingClientRect();
    const below = at.bottom + 6 + height <= innerHeight || at.top < height + 6;
    menu.style.top = `${below ? at.bottom + 6 : at.top - height - 6}px`;
    menu.style.left = `${Math.max(12, Math.min(at.right - width, innerWidth - width - 12))}px`;
  };
  document.addEventListener("toggle", ({ target, newState }) => {
    if (newState === "open" && target.classList?.contains("floating")) place(target);
  }, true);

  // It lies above the page, so it has to follow its button when the page or a table moves.
  const follow = ({ target }) => {
    for (const menu of document.querySelectorAll(".floating:popover-open")) if (!menu.contains(target)) place(menu);
  };
  addEventListener("scroll", follow, { capture: true, passive: true });
  addEventListener("resize", () => follow({ target: null }));

  // An act chosen from a menu closes it; boxes to tick leave it open.
  document.addEventListener("click", ({ target }) => {
    const act = target.closest(".floating a, .floating button");
    act?.closest(".floating").hidePopover();
  });
})();

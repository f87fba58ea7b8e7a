"""Who may call which event: every handler carries a rule, the middleware enforces it, nothing else passes.

Any browser may send any event with any arguments from any page, so a rule on the handler, not the
page it is shown on, is what protects it. A handler without a rule is refused.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import reflex as rx
from reflex.event import Event, EventSpec, fix_events
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.utils.format import format_event_handler
from starlette.requests import cookie_parser

from vibekanban.core import i18n, logging
from vibekanban.core.errors import AppError, Invalid
from vibekanban.domains.accounts import hot, sessions
from vibekanban.domains.accounts.models import Role
from vibekanban.ui.base import Viewer, locale_of

Rule = Callable[[hot.Seen | None], bool]
RULE = "__vk_rule__"
log = logging.logger(__name__)


def _anyone(_seen: hot.Seen | None) -> bool:
    return True


def _somebody(seen: hot.Seen | None) -> bool:
    return seen is not None


def _handler(rule: Rule, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    def decorate(work: Callable[..., Any]) -> Any:
        told = _telling(work)
        setattr(told, RULE, rule)
        return rx.event(told, **options) if options else rx.event(told)

    return decorate


def public(work: Callable[..., Any]) -> Any:
    """A handler that anybody may call, signed in or not."""
    return _handler(_anyone)(work)


def signed_in(work: Callable[..., Any]) -> Any:
    """A handler for people who are signed in."""
    return _handler(_somebody)(work)


def meanwhile(work: Callable[..., Any]) -> Any:
    """A handler for people who are signed in that goes on beside the tab's other events.

    The gate looks at its beginning alone: it has to ask by itself whether the session still is.
    """
    return _handler(_somebody, background=True)(work)


def only(*roles: Role) -> Callable[[Callable[..., Any]], Any]:
    """A handler for people of the named roles."""
    return _handler(lambda seen: seen is not None and seen.role in roles)


def _telling(work: Callable[..., Any]) -> Callable[..., Any]:
    """Turn an expected failure into a toast in the page's language."""
    if inspect.isasyncgenfunction(work):

        @functools.wraps(work)
        async def steps(self: rx.State, *args: Any, **kwargs: Any) -> Any:
            try:
                async for step in work(self, *args, **kwargs):
                    yield step
            except AppError as error:
                yield rx.toast.error(sentence(error, locale_of(self)))

        return steps

    @functools.wraps(work)
    async def once(self: rx.State, *args: Any, **kwargs: Any) -> Any:
        try:
            return await work(self, *args, **kwargs)
        except AppError as error:
            return rx.toast.error(sentence(error, locale_of(self)))

    return once


def sentence(error: AppError, locale: str) -> str:
    """What went wrong, in the reader's language, with the first field's reason when there is one."""
    text = error.sentence(locale)
    if isinstance(error, Invalid) and error.fields:
        return f"{text} {' '.join(error.reasons(locale).values())}"
    return text


def rules() -> dict[str, Rule | None]:
    """Every event of our own states by its wire name, with its rule (None: nobody may call it)."""
    found: dict[str, Rule | None] = {}
    waiting: list[type[BaseState]] = list(rx.State.get_substates())
    while waiting:
        state = waiting.pop()
        waiting.extend(state.get_substates())
        if state.__module__.startswith("reflex"):
            continue
        for handler in state.event_handlers.values():
            found[format_event_handler(handler)] = getattr(handler.fn, RULE, None)
    return found


def cookie_of(state: BaseState) -> str | None:
    """The session cookie of the socket's handshake."""
    return cookie_parser(state.router.headers.cookie).get(sessions.cookie_name())


class Gate(Middleware):
    """Looks the session up afresh on every event, and wipes the state when somebody else took the tab."""

    def __init__(self) -> None:
        self._rules: dict[str, Rule | None] | None = None

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:  # noqa: ARG002
        if self._rules is None:
            self._rules = rules()
        root = state._get_root_state()
        seen = await hot.seen(cookie_of(root))
        viewer = await root.get_state(Viewer)
        if viewer._user_id != (str(seen.user_id) if seen else ""):
            if viewer._user_id:
                root.reset()
                viewer = await root.get_state(Viewer)
            viewer._remember(seen)
        rule = self._rules.get(event.name, _framework(event.name))
        if rule is not None and rule(seen):
            return None
        where = "/en/sign-in" if locale_of(root) == "en" else "/sign-in"
        target = where if seen is None else "/en/app" if locale_of(root) == "en" else "/app"
        return StateUpdate(events=fix_events([rx.redirect(target)], ""))


def _framework(name: str) -> Rule | None:
    """Reflex's own events (hydrate, on_load, client storage) are open; unknown ones of ours are not."""
    return None if "vibekanban" in name else _anyone


def unexpected(exception: Exception) -> EventSpec:
    """A bug: logged with its trace; the person is told to try again."""
    log.error("event_failed", exc_info=exception)
    return rx.toast.error(f"{i18n.say('es', 'errors.unexpected')} / {i18n.say('en', 'errors.unexpected')}")

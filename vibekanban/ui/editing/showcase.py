"""Choosing the creative of an ad: from those of the account, or a new one with its picture, texts and preview."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.editing import choices, media
from vibekanban.ui.components.ad_draft import ad_draft
from vibekanban.ui.components.parts import acts, bones, button, close_dialog, dialog
from vibekanban.ui.editing.showcase_state import Look, Page, Showcase


def picked(locale: str, label: rx.Var[str], wrong: rx.Component) -> rx.Component:
    """The chosen creative in the form, and the ways to another one."""
    return rx.el.fieldset(
        rx.el.legend(label, class_name="label strong"),
        rx.el.input(type="hidden", name="creativeId", value=Showcase.chosen.id, read_only=True),
        rx.cond(
            Showcase.chosen.id != "",
            rx.el.div(
                _picture(Showcase.chosen.picture),
                rx.el.div(
                    rx.el.b(Showcase.chosen.name), rx.el.p(Showcase.chosen.text, class_name="quiet small")
                ),
                class_name="picked",
            ),
            rx.el.p(say(locale, "ui.showcase.none"), class_name="quiet"),
        ),
        rx.el.div(
            button(say(locale, "ui.showcase.browse"), kind="small", on_click=Showcase.browse),
            button(say(locale, "ui.showcase.begin"), kind="small", on_click=Showcase.begin),
            rx.cond(
                Showcase.chosen.id != "",
                button(
                    say(locale, "ui.showcase.preview"),
                    kind="small",
                    on_click=Showcase.preview(media.FORMATS[0]),
                ),
            ),
            class_name="spread",
        ),
        wrong,
        class_name="bare wide stack",
    )


def showcase(locale: str) -> rx.Component:
    return rx.cond(Showcase.shown, rx.fragment(_all(locale), _new(locale), _seen(locale)))


def _picture(address: rx.Var[str]) -> rx.Component:
    return rx.cond(
        address != "",
        rx.el.img(src=address, alt="", class_name="thumb", loading="lazy"),
        rx.el.div(class_name="thumb"),
    )


def _all(locale: str) -> rx.Component:
    return dialog(
        "showcase",
        say(locale, "ui.showcase.title"),
        rx.el.form(
            rx.el.input(
                name="q",
                type="search",
                placeholder=say(locale, "ui.showcase.search"),
                class_name="input search",
                custom_attrs={"aria-label": say(locale, "ui.showcase.search")},
            ),
            button(say(locale, "ui.showcase.find"), type="submit"),
            on_submit=Showcase.search,
            class_name="tools",
        ),
        rx.cond(
            Showcase.looks.length() > 0,
            rx.el.div(rx.foreach(Showcase.looks, _card), class_name="gallery"),
            rx.cond(
                Showcase.listing, bones(3), rx.el.p(say(locale, "ui.showcase.empty"), class_name="quiet")
            ),
        ),
        rx.el.div(
            rx.cond(
                Showcase.following != "",
                button(say(locale, "ui.showcase.more"), on_click=Showcase.more),
            ),
            button(say(locale, "ui.cancel"), on_click=close_dialog("showcase")),
            class_name="acts",
        ),
    )


def _card(one: rx.Var[Look]) -> rx.Component:
    return rx.el.button(
        _picture(one.picture),
        rx.el.b(one.name),
        rx.el.span(one.text, class_name="quiet small"),
        type="button",
        class_name="pick",
        on_click=Showcase.choose(one.id),
        custom_attrs={"aria-pressed": rx.cond(one.id == Showcase.chosen.id, "true", "false")},
        key=one.id,
    )


def _new(locale: str) -> rx.Component:
    def asked(name: str, control: rx.Component) -> rx.Component:
        return rx.el.div(
            rx.el.label(say(locale, f"ui.draft.{name}"), html_for=f"new-{name}"), control, class_name="field"
        )

    def line(name: str, most: int, **more: object) -> rx.Component:
        control = rx.el.input(
            id=f"new-{name}", name=name, max_length=most, auto_complete="off", class_name="input", **more
        )
        return asked(name, control)

    actions = [
        rx.el.option(say(locale, "ui.draft.no_action"), value=""),
        *[rx.el.option(say(locale, f"editing.call.{one}"), value=one) for one in choices.CALLS],
    ]
    pages = rx.foreach(Showcase.pages, _page)
    message = rx.el.textarea(id="new-message", name="message", rows="3", max_length=2000, class_name="input")
    return dialog(
        "creative",
        say(locale, "ui.showcase.new"),
        rx.el.form(
            rx.el.div(
                line("name", 100),
                asked("page", rx.el.select(pages, id="new-page", name="page", class_name="input")),
                line("link", 1000, type="url", placeholder="https://"),
                asked("action", rx.el.select(*actions, id="new-action", name="action", class_name="input")),
                asked("message", message),
                line("headline", 255),
                line("description", 255),
                class_name="asks",
            ),
            ad_draft(locale, Showcase.account_id),
            rx.el.p(Showcase.wrong, class_name="wrong", role="alert"),
            acts(
                locale,
                "creative",
                button(say(locale, "ui.showcase.make"), kind="go", type="submit", disabled=Showcase.busy),
            ),
            key=Showcase.drafts.to_string(),
            on_submit=Showcase.make,
            class_name="stack",
            no_validate=True,
        ),
    )


def _page(one: rx.Var[Page]) -> rx.Component:
    return rx.el.option(one.name, value=one.id)


def _seen(locale: str) -> rx.Component:
    formats = [
        button(say(locale, f"ui.showcase.format.{one}"), kind="small", on_click=Showcase.preview(one))
        for one in media.FORMATS
    ]
    return dialog(
        "seen",
        say(locale, "ui.showcase.preview"),
        rx.el.div(*formats, class_name="spread"),
        rx.cond(
            Showcase.frame != "",
            rx.el.iframe(
                src=Showcase.frame,
                title=say(locale, "ui.showcase.preview"),
                class_name="seen",
                custom_attrs={"sandbox": "allow-scripts allow-same-origin", "referrerPolicy": "no-referrer"},
            ),
            bones(4),
        ),
        rx.el.div(button(say(locale, "ui.close"), on_click=close_dialog("seen")), class_name="acts"),
    )

"""The fields of a token's limits, for the form that makes a token and for the one that changes it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.access.policy import WRITES
from vibekanban.ui.components.parts import Child


def policy_fields(
    locale: str, prefix: str, currencies: Any, values: Any = None, held: Any = None
) -> rx.Component:
    """`prefix` keeps the ids of two forms on one page apart; `values` and `held` are what is set already."""

    def value(name: str) -> dict[str, Any]:
        return {} if values is None else {"default_value": values.get(name, "")}

    def number(name: str, hint: str = "") -> rx.Component:
        return _field(
            locale,
            prefix,
            name,
            rx.el.input(
                id=f"{prefix}-{name}",
                name=f"policy.{name}",
                type="number",
                min="0",
                class_name="input",
                custom_attrs={"data-vk-kind": "number", "inputmode": "numeric"},
                **value(name),
            ),
            hint,
        )

    def moment(name: str) -> rx.Component:
        control = rx.el.input(
            id=f"{prefix}-{name}", name=f"policy.{name}", type="time", class_name="input", **value(name)
        )
        return _field(locale, prefix, name, control)

    def ceilings(name: str) -> rx.Component:
        return rx.el.fieldset(
            rx.el.legend(say(locale, f"ui.policy.{name}"), class_name="label strong"),
            rx.el.div(
                rx.foreach(currencies, lambda currency: _ceiling(name, currency, values)),
                class_name="trios ceilings",
            ),
            class_name="bare stack tight",
        )

    dry = {} if values is None else {"default_checked": values.get("dryRun", "") == "true"}
    return rx.el.div(
        ceilings("maxDailyBudget"),
        ceilings("maxLifetimeBudget"),
        rx.el.div(
            number("maxPercentPerCall"),
            number("maxPercentPerDay"),
            number("maxWritesPerDay"),
            class_name="trios",
        ),
        rx.el.div(
            moment("quietHours.start"),
            moment("quietHours.end"),
            _field(
                locale,
                prefix,
                "quietHours.timezone",
                rx.el.input(
                    id=f"{prefix}-quietHours.timezone",
                    name="policy.quietHours.timezone",
                    list="zones",
                    placeholder="Europe/Madrid",
                    class_name="input",
                    **value("quietHours.timezone"),
                ),
            ),
            class_name="trios",
        ),
        rx.el.fieldset(
            rx.el.legend(say(locale, "ui.policy.approval"), class_name="label strong"),
            rx.el.div(
                *[_verb(locale, scope.value, held) for scope in WRITES],
                class_name="spread",
            ),
            rx.el.div(number("approval.abovePercent"), number("approval.expiresHours"), class_name="trios"),
            class_name="bare stack tight",
        ),
        rx.el.label(
            rx.el.input(
                type="checkbox",
                name="policy.dryRun",
                value="true",
                custom_attrs={"data-vk-kind": "flag"},
                **dry,
            ),
            say(locale, "ui.policy.dryRun"),
            class_name="check",
        ),
        rx.el.datalist(id="zones") if prefix == "new" else rx.fragment(),
        rx.el.span(class_name="wrong", role="alert", custom_attrs={"data-error-for": "policy"}),
        class_name="stack",
    )


def _field(locale: str, prefix: str, name: str, control: rx.Component, hint: str = "") -> rx.Component:
    return rx.el.div(
        rx.el.label(say(locale, f"ui.policy.{name}"), html_for=f"{prefix}-{name}"),
        control,
        rx.el.span(hint, class_name="hint") if hint else rx.fragment(),
        rx.el.span(class_name="wrong", role="alert", custom_attrs={"data-error-for": f"policy.{name}"}),
        class_name="field",
    )


def _ceiling(name: str, currency: rx.Var[str], values: Any) -> rx.Component:
    place = f"{name}." + currency
    filled = {} if values is None else {"default_value": values[place].to(str)}
    label: Child = currency
    return rx.el.label(
        rx.el.span(label, class_name="small strong"),
        rx.el.input(
            name="policy." + place,
            type="text",
            class_name="input",
            custom_attrs={"inputmode": "decimal"},
            **filled,
        ),
        rx.el.span(class_name="wrong", role="alert", custom_attrs={"data-error-for": "policy." + place}),
        class_name="ceiling",
    )


def _verb(locale: str, verb: str, held: Any) -> rx.Component:
    checked = {} if held is None else {"default_checked": held.contains(verb)}
    return rx.el.label(
        rx.el.input(type="checkbox", name="policy.approval.verbs", value=verb, **checked),
        say(locale, f"ui.scope.{verb}"),
        class_name="check",
    )

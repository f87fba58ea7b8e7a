"""Prompts for the usual jobs of somebody who runs ads; their texts are `mcp.prompts.<name>` in the catalogues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vibekanban.core import i18n
from vibekanban.core.errors import Invalid, NotFound

LONGEST = 100


class UnknownPrompt(NotFound):
    code = "unknown_prompt"


@dataclass(frozen=True)
class Prompt:
    """A job and the arguments it takes; `needed` ones must be given, others have a sentence for when they are not."""

    name: str
    needed: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


PROMPTS = {
    prompt.name: prompt
    for prompt in (
        Prompt("daily_check", optional=("accountId",)),
        Prompt("find_waste", needed=("accountId",)),
        Prompt("explain_change", needed=("objectId",)),
    )
}


def described(locale: i18n.Locale) -> list[dict[str, Any]]:
    """The prompts as MCP lists them."""
    return [
        {
            "name": prompt.name,
            "title": i18n.say(locale, f"mcp.prompts.{prompt.name}.title"),
            "description": i18n.say(locale, f"mcp.prompts.{prompt.name}.description"),
            "arguments": [
                {
                    "name": name,
                    "description": i18n.say(locale, f"mcp.arguments.{name}"),
                    "required": name in prompt.needed,
                }
                for name in (*prompt.needed, *prompt.optional)
            ],
        }
        for prompt in PROMPTS.values()
    ]


def text(name: str, given: dict[str, str], locale: i18n.Locale) -> str:
    """What the model is told; Invalid names an argument that is missing or is none of the prompt's."""
    prompt = PROMPTS.get(name)
    if prompt is None:
        raise UnknownPrompt()
    known = {*prompt.needed, *prompt.optional}
    wrong = {one: "mcp.fields.missing" for one in prompt.needed if not given.get(one, "").strip()}
    wrong |= {one[:60]: "mcp.fields.unknown" for one in given if one not in known}
    wrong |= {one: "field.too_long" for one, value in given.items() if one in known and len(value) > LONGEST}
    if wrong:
        raise Invalid(wrong, max_length=LONGEST)
    values = {one: given.get(one, "").strip() or i18n.say(locale, f"mcp.prompts.any.{one}") for one in known}
    return i18n.say(locale, f"mcp.prompts.{name}.text", **values)

"""What an e-mail shows below its words: headings, paragraphs and tables, as plain text and as HTML.

A block is JSON: `{"heading": "…"}`, `{"text": "…"}`, or `{"head": […], "rows": [[…], …]}` whose cells are texts or
`[text, tone]`, the tone good, bad or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
PARAGRAPH = f"margin:0 0 16px;{FONT};font-size:16px;line-height:24px;color:#27272a"
_HEADING = f"margin:24px 0 8px;{FONT};font-size:17px;line-height:24px;color:#18181b"
_SMALL = f"margin:0 0 12px;{FONT};font-size:14px;line-height:20px;color:#52525b"
_CELL = f"padding:8px 6px;border-top:1px solid #e4e4e7;{FONT};font-size:14px;line-height:20px;text-align:"
_INK = {"good": "#166534", "bad": "#b91c1c", "": "#27272a"}
Block = dict[str, Any]


def html(shown: Sequence[Block]) -> str:
    return "".join(_html(block) for block in shown)


def text(shown: Sequence[Block]) -> list[str]:
    """Paragraphs."""
    return [_text(block) for block in shown]


def _html(block: Block) -> str:
    if "heading" in block:
        return f'<h2 style="{_HEADING}">{escape(block["heading"])}</h2>'
    if "text" in block:
        return f'<p style="{_SMALL}">{escape(block["text"])}</p>'
    lines = [_line("th", block["head"])] if block["head"] else []
    lines += [_line("td", row) for row in block["rows"]]
    return (
        '<table width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse;margin:0 0 12px">'
        f"{''.join(lines)}</table>"
    )


def _line(tag: str, cells: Sequence[Any]) -> str:
    shown = []
    for place, cell in enumerate(cells):
        words, tone = cell if isinstance(cell, list) else (cell, "")
        side, weight = ("left", "400") if place == 0 else ("right", "600" if place == 1 else "400")
        ink = "#52525b" if tag == "th" else _INK[tone]
        style = f"{_CELL}{side};color:{ink};font-weight:{weight}"
        shown.append(f'<{tag} style="{style}">{escape(words)}</{tag}>')
    return f"<tr>{''.join(shown)}</tr>"


def _text(block: Block) -> str:
    if "heading" in block:
        return f"== {block['heading']} =="
    if "text" in block:
        return block["text"]
    heads = block["head"]
    lines = [f"{heads[0]}:"] if heads and heads[0] else []
    for row in block["rows"]:
        first, *others = [cell[0] if isinstance(cell, list) else cell for cell in row]
        names = heads[1:] or [""] * len(others)
        # the first number speaks for itself; the others say what they are compared with
        said = [
            f"{name}: {other}" if place and name else other
            for place, (name, other) in enumerate(zip(names, others, strict=False))
        ]
        lines.append(f"{first}: {'; '.join(said)}")
    return "\n".join(lines)

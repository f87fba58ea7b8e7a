"""Stroke icons as inline SVG: no font, no request, the colour of the text around them."""

from __future__ import annotations

import reflex as rx

PATHS = {
    "home": "M3 11.5 12 4l9 7.5M5.5 10v9.5h13V10",
    "check": "M4.5 12.5 9.5 17.5 20 7",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "plug": "M9 3v5M15 3v5M6.5 8h11v3.5a5.5 5.5 0 0 1-11 0zM12 17v4",
    "key": "M14.5 9.5a4.5 4.5 0 1 1-1.3-3.2 4.5 4.5 0 0 1 1.3 3.2zM13.4 12.6 21 20M17.5 16.5l-2 2",
    "list": "M8 6h13M8 12h13M8 18h13M3.5 6h.01M3.5 12h.01M3.5 18h.01",
    "bell": "M6 10a6 6 0 1 1 12 0c0 6 2.5 7 2.5 7h-17S6 16 6 10M10 20.5a2.2 2.2 0 0 0 4 0",
    "user": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4.5 20.5a7.5 7.5 0 0 1 15 0",
    "shield": "M12 3 4.5 6v5.5c0 4.6 3.1 8 7.5 9.5 4.4-1.5 7.5-4.9 7.5-9.5V6z",
    "sun": "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M5 5l1.7 1.7"
    "M17.3 17.3 19 19M5 19l1.7-1.7M17.3 6.7 19 5",
    "refresh": "M20 11a8 8 0 1 0-2.3 6.7M20 5v6h-6",
    "pause": "M9 5v14M15 5v14",
    "play": "M7 4.5v15l12-7.5z",
    "download": "M12 4v11M7.5 11 12 15.5 16.5 11M4.5 20h15",
    "plus": "M12 5v14M5 12h14",
    "chart": "M4 20V4M4 20h16M8 16l4-5 3.5 3L20 8",
    "bot": "M12 8V4M6 8h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2M9 13v2M15 13v2",
    "board": "M4 5h4.5v14H4zM9.8 5h4.5v9H9.8zM15.5 5H20v6h-4.5z",
    "share": "M18 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M6 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5"
    "M18 21a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M8.3 10.8l7.4-4.1M8.3 13.2l7.4 4.1",
    "layers": "M12 3 3 8l9 5 9-5zM3 12.5l9 5 9-5M3 17l9 5 9-5",
    "filter": "M4 6h16M7 12h10M10 18h4",
    "bolt": "M13 3 5 13.5h6L10 21l9-11h-6.5z",
    "undo": "M8 5 3.5 9.5 8 14M4 9.5h10a6 6 0 0 1 0 12h-3",
    "chat": "M4 5h16v11H9.5L5 20v-4H4z",
    "send": "M21 4 3 11l6.5 2.5L12 20l3.5-5.5zM9.5 13.5 21 4",
    "inbox": "M3.5 13.5 6 5h12l2.5 8.5V19h-17zM3.5 13.5H9a3 3 0 0 0 6 0h5.5",
}


def icon(name: str) -> rx.Component:
    """An icon that says nothing to a screen reader: the text beside it does. How it is drawn is in ui.css."""
    return rx.el.svg(
        rx.el.path(d=PATHS[name]),
        view_box="0 0 24 24",
        class_name="icon",
        custom_attrs={"aria-hidden": "true", "focusable": "false"},
    )


def logo() -> rx.Component:
    """The product's mark, which says nothing either; Reflex would make styles of an image's size."""
    return rx.el.img(src="/logo.svg", alt="", custom_attrs={"width": 30, "height": 30})

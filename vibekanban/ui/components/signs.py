"""The small signs inside controls: same grid and stroke as the icons of the navigation."""

from __future__ import annotations

import reflex as rx

PATHS = {
    "alert": "M12 4 2.8 19.5h18.4zM12 10v4.5M12 17.2h.01",
    "archive": "M3.5 5h17v4h-17zM5 9v10.5h14V9M10 13h4",
    "bolt": "M13 3 5 13.5h6L10.5 21 19 10h-6.2z",
    "calendar": "M4 6.5h16V20H4zM4 11h16M8 3.5v4M16 3.5v4",
    "check": "M4.5 12.5 10 18 19.5 7",
    "clock": "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.5V12l3 2",
    "close": "M6 6l12 12M18 6 6 18",
    "columns": "M4 5h16v14H4zM10 5v14M15 5v14",
    "copy": "M9 9h11v11H9zM5.5 15H4V4h11v1.5",
    "down": "M6 9.5 12 15.5 18 9.5",
    "edit": "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
    "external": "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
    "eye": "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12"
    "M12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6",
    "eye-off": "M4 4l16 16M9.5 5.9A9 9 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a17 17 0 0 1-3.2 3.9"
    "M6.3 7.6A17 17 0 0 0 2.5 12S6 18.5 12 18.5a9 9 0 0 0 4.2-1",
    "filter": "M3.5 5h17l-6.5 8v6l-4-2v-4z",
    "globe": "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M3.5 12h17M12 3.5c3 3 3 14 0 17M12 3.5c-3 3-3 14 0 17",
    "info": "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 11v5.5M12 7.8h.01",
    "left": "M14.5 6 8.5 12l6 6",
    "link": "M10 14a4 4 0 0 0 5.7 0l3.3-3.3A4 4 0 0 0 13.3 5L12 6.3M14 10a4 4 0 0 0-5.7 0L5 13.3A4 4 0 0 0 10.7 19L12 17.7",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "moon": "M20 14.2A8 8 0 1 1 9.8 4a6.5 6.5 0 0 0 10.2 10.2",
    "more": "M5 12h.01M12 12h.01M19 12h.01",
    "out": "M14 4H5v16h9M10.5 12H21M17.5 8.5 21 12l-3.5 3.5",
    "right": "M9.5 6l6 6-6 6",
    "search": "M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M16 16l4.5 4.5",
    "trash": "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10.5 11v5.5M13.5 11v5.5",
    "up": "M6 14.5 12 8.5l6 6",
}


def sign(name: str) -> rx.Component:
    """A sign that says nothing to a screen reader: the text beside it does."""
    return rx.el.svg(
        rx.el.path(d=PATHS[name]),
        view_box="0 0 24 24",
        class_name="sign",
        custom_attrs={"aria-hidden": "true", "focusable": "false"},
    )

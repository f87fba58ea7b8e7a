"""Pictures: how large one is by its content, and drawn ones that need no other server."""

from __future__ import annotations

import hashlib
import struct
from urllib.parse import quote


def drawn(name: str) -> str:
    """A picture that needs no other server: a colour of its own for every name."""
    hue = int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:4], 16) % 360
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4">'
        f'<rect width="4" height="4" fill="hsl({hue} 45% 62%)"/><path d="M0 4 1.5 2l1 1L4 1v3z" fill="#fff8"/></svg>'
    )
    return "data:image/svg+xml," + quote(svg)


def size(content: bytes) -> tuple[int, int] | None:
    """Width and height by what the content begins with; None when it is no picture."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content[:6] in {b"GIF87a", b"GIF89a"} and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return width, height
    return _jpeg_size(content) if content.startswith(b"\xff\xd8\xff") else None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        kind, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4])
        if 0xC0 <= kind <= 0xCF and kind not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None

"""Versions of the Graph API: which are alive, and which one a path names."""

from __future__ import annotations

import re

from vibekanban.sandbox.graph.problems import GraphError

VERSION = re.compile(r"v(\d+)\.(\d+)")
OLDEST, NEWEST = 24, 26


def split_version(path: list[str]) -> tuple[str, list[str]]:
    """The version a path names, and the rest; dead ones are refused."""
    found = VERSION.fullmatch(path[0]) if path else None
    if found is None:
        return f"v{NEWEST}.0", path
    if not OLDEST <= int(found[1]) <= NEWEST:
        raise GraphError(
            2635,
            "(#2635) You are calling a deprecated version of the Ads API. "
            f"Please update to the latest version: v{NEWEST}.0.",
        )
    return path[0], path[1:]


def told_version(version: str) -> dict[str, str]:
    """The headers that say which version answered, and that the oldest one will not for long."""
    headers = {"facebook-api-version": version}
    if version == f"v{OLDEST}.0":
        headers["x-ad-api-version-warning"] = (
            f"{version} is deprecated, and upgraded to v{OLDEST + 1}.0 before long."
        )
    return headers

"""Meta's error codes as data: which typed failure each one is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from vibekanban.clients.meta import errors
from vibekanban.core.logging import scrub

Kind = type[errors.MetaError]

# (code, subcode) wins over subcode alone, and that over code alone
BY_BOTH: Mapping[tuple[int, int], Kind] = {
    (190, 459): errors.NeedsUserAction,
    (100, 33): errors.Missing,
    (100, 3191001): errors.NeedsPermission,
    (100, 36008): errors.AppMisconfigured,  # the redirect address is not the one of the dialog
    (1, 99): errors.TooMuchData,
    (100, 1487534): errors.TooMuchData,
    (100, 1504018): errors.TooMuchData,
    (2, 1504038): errors.TooMuchData,
    (-2, 2490547): errors.TooMuchData,
    (-3, 1504045): errors.TooMuchData,
    # limits of Meta's own on one object: no waiting of ours should retry them, nor do others wait
    (613, 1487632): errors.Refused,
    (613, 1487225): errors.Refused,
    (17, 1885172): errors.Refused,
}
BY_SUBCODE: Mapping[int, Kind] = dict.fromkeys((1404078, 2859015, 1404163), errors.Blocked)
BY_CODE: Mapping[int, Kind] = {
    190: errors.NeedsReauth,
    102: errors.NeedsReauth,
    101: errors.AppMisconfigured,
    104: errors.AppMisconfigured,
    3: errors.NeedsPermission,
    10: errors.NeedsPermission,
    **dict.fromkeys(range(200, 300), errors.NeedsPermission),
    4: errors.Throttled,
    17: errors.Throttled,
    32: errors.Throttled,
    341: errors.Throttled,
    613: errors.Throttled,
    **dict.fromkeys(range(80000, 80015), errors.Throttled),
    1: errors.Transient,
    2: errors.Transient,
    100: errors.Refused,
    2642: errors.CursorExpired,
    3018: errors.Refused,
    2635: errors.VersionRetired,
    **dict.fromkeys((368, 1404078, 2859015, 1404163), errors.Blocked),
    **dict.fromkeys(
        (
            1487056, 1487566, 1885088, 1885272, 1885650, 1487901, 2446307, 1885621, 4834011, 1487033, 1487007,
            1815573, 1487990, 2490427, 2490468, 3858079, 3858081, 3858152, 1885204,
        ),
        errors.Refused,
    ),
}  # fmt: skip
SCOPES = re.compile(
    r"\b(?:ads_read|ads_management|business_management|catalog_management|instagram_basic|leads_retrieval"
    r"|pages_(?:show_list|read_engagement|manage_ads))\b"
)


def kind_of(error: Mapping[str, Any], status: int) -> Kind:
    """The failure an error object stands for."""
    code, subcode = number(error.get("code")), number(error.get("error_subcode"))
    message = str(error.get("message") or "").lower()
    if (code == 100 and "appsecret_proof" in message) or (code == 1 and "client secret" in message):
        return errors.AppMisconfigured
    if code == 1 and status == 500 and "reduce the amount" in message:
        return errors.TooMuchData
    if code is None:
        return errors.BadGateway
    for table, key in ((BY_BOTH, (code, subcode)), (BY_SUBCODE, subcode), (BY_CODE, code)):
        found = table.get(key)  # pyright: ignore[reportArgumentType, reportCallIssue]
        if found is not None and not (found is errors.Refused and _transient(error, code)):
            return found
    return errors.Transient if _transient(error, code) else errors.Unrecognised


def _transient(error: Mapping[str, Any], code: int) -> bool:
    return error.get("is_transient") is True or code < 0


def failure(
    error: Mapping[str, Any], status: int, until: Callable[[int | None, int | None], datetime]
) -> errors.MetaError:
    """The typed failure of an answer's `error` object; `until` tells when a throttle ends."""
    kind = kind_of(error, status)
    code, subcode = number(error.get("code")), number(error.get("error_subcode"))
    known: dict[str, Any] = {
        "meta_code": code,
        "subcode": subcode,
        "trace": str(error.get("fbtrace_id") or ""),
    }
    if kind is errors.Throttled:
        return errors.Throttled(until(code, subcode), **known)
    if kind is errors.NeedsPermission:
        return errors.NeedsPermission(scopes=_scopes(error), **known)
    if issubclass(kind, errors.Refused):
        return kind(
            title=scrub(str(error.get("error_user_title") or "")),
            message=scrub(str(error.get("error_user_msg") or error.get("message") or "")),
            blamed=_blamed(error.get("error_data")),
            **known,
        )
    return kind(**known)


def _scopes(error: Mapping[str, Any]) -> list[str]:
    """The permissions Meta's sentence names."""
    return sorted(set(SCOPES.findall(str(error.get("message") or ""))))


def _blamed(data: Any) -> list[str]:
    """The fields an `error_data` blames, each as a dotted path."""
    paths = data.get("blame_field_specs") if isinstance(data, dict) else None
    return [".".join(map(str, path)) for path in paths or [] if isinstance(path, list)]


def number(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None

"""Meta's error codes as data: which typed failure each one is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vibekanban.clients.meta import errors

Kind = type[errors.MetaError]

# (code, subcode) wins over code alone
BY_SUBCODE: Mapping[tuple[int, int], Kind] = {
    (190, 459): errors.NeedsUserAction,
    (100, 33): errors.Missing,
    (100, 3191001): errors.NeedsPermission,
    (1, 99): errors.TooMuchData,
    (100, 1487534): errors.TooMuchData,
    (100, 1504018): errors.TooMuchData,
    (2, 1504038): errors.TooMuchData,
    (-2, 2490547): errors.TooMuchData,
    (-3, 1504045): errors.TooMuchData,
}
BY_CODE: Mapping[int, Kind] = {
    190: errors.NeedsReauth,
    102: errors.NeedsReauth,
    104: errors.AppMisconfigured,
    3: errors.NeedsPermission,
    10: errors.NeedsPermission,
    294: errors.NeedsPermission,
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
    2635: errors.VersionRetired,
    368: errors.Blocked,
    1404078: errors.Blocked,
    2859015: errors.Blocked,
    1404163: errors.Blocked,
}
# limits of Meta's own on one object, which no waiting of ours should retry
OBJECT_LIMITS = frozenset({(613, 1487632), (17, 1885172), (613, 1487225)})


def kind_of(error: Mapping[str, Any], status: int) -> Kind:
    """The failure an error object stands for; unknown codes are permanent unless Meta says transient."""
    code, subcode = number(error.get("code")), number(error.get("error_subcode"))
    message = str(error.get("message") or "").lower()
    if code == 100 and "appsecret_proof" in message:
        return errors.AppMisconfigured
    if code == 1 and status == 500 and "reduce the amount" in message:
        return errors.TooMuchData
    if (code, subcode) in OBJECT_LIMITS:
        return errors.Refused
    if code is not None and subcode is not None and (code, subcode) in BY_SUBCODE:
        return BY_SUBCODE[code, subcode]
    if code is not None and code in BY_CODE:
        return BY_CODE[code]
    if error.get("is_transient") or (code is not None and code < 0):
        return errors.Transient
    return errors.Refused if code is not None else errors.BadGateway


def failure(error: Mapping[str, Any], status: int, until: Callable[[], Any]) -> errors.MetaError:
    """The typed failure of an answer's `error` object; `until` tells when a throttle ends."""
    kind = kind_of(error, status)
    known: dict[str, Any] = {
        "meta_code": number(error.get("code")),
        "subcode": number(error.get("error_subcode")),
        "trace": str(error.get("fbtrace_id") or ""),
    }
    if kind is errors.Throttled:
        return errors.Throttled(until(), **known)
    if kind is errors.Refused:
        data = error.get("error_data")
        blamed = data.get("blame_field_specs") if isinstance(data, dict) else None
        return errors.Refused(
            title=str(error.get("error_user_title") or ""),
            message=str(error.get("error_user_msg") or error.get("message") or ""),
            blamed=[".".join(map(str, path)) for path in blamed or []],
            **known,
        )
    return kind(**known)


def number(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None

"""Strategies of what nobody should say: values, arguments and JSON-RPC messages that are wrong, odd, or about others."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from hypothesis import strategies as st

from vibekanban.domains.tools.catalogue import TOOLS

T = TypeVar("T")


@dataclass(frozen=True)
class Known:
    """What an attacker has learned: own tokens that work, tokens that do not, own and other people's ids."""

    tokens: Sequence[str]
    dead: Sequence[str]
    own: Sequence[str]
    foreign: Sequence[str]


def among(*choices: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """One of these, each as often as the others (one_of counts what each may be)."""
    return st.integers(0, len(choices) - 1).flatmap(lambda number: choices[number])


def mostly(
    usual: st.SearchStrategy[T], odd: st.SearchStrategy[T], *, one_in: int = 10
) -> st.SearchStrategy[T]:
    """The usual; the odd one time in so many."""
    return among(*[usual] * (one_in - 1), odd)


CHARACTERS = [
    "\x00", "\ud800", "\udfff", "\u202e", "\ufeff", "\u2028", "\r\n", "\x1b[2J", "'", '"', "\\", "%", "_", "{", "}",
    "<", ">", "$", ";", "--", "/*", "é", "İ", "ß", "９", "👩‍👩‍👧", "\U0010ffff", "a", "0", " ",
]  # fmt: skip
PHRASES = [
    "", " ", "null", "NaN", "undefined", "true", "-1", "0x10", "1e999", "1_000", "٣", "' OR '1'='1",
    "'; DROP TABLE users; --", "1); SELECT pg_sleep(9); --", "$(id)", "`id`", "../../etc/passwd", "..\\..", "%00",
    "%s%s%n", "{0.__class__}", "{{7*7}}", "${jndi:ldap://x}", "<script>alert(1)</script>", "file:///etc/passwd",
    "http://169.254.169.254/", "act_", "act_0", "00000000-0000-0000-0000-000000000000", "9" * 40, "-0.00", "1e-400",
    "2026-02-30", "0000-00-00", "9999-12-31", "2026-11-24T25:61:00Z", "Europe/Nowhere", "WyIiLCIiXQ", "W10",
    "eyJhbGciOiJub25lIn0.e30.", "\u0000", "a\u0000b", "\ud83d",
]  # fmt: skip

words = st.sampled_from(PHRASES) | st.lists(st.sampled_from(CHARACTERS), max_size=6).map("".join)
huge = st.tuples(
    st.sampled_from(["a", "é", "[", "\x00", "%27", "👩"]), st.sampled_from([300, 5_000, 60_000])
).map(lambda made: made[0] * made[1])
numbers = st.sampled_from(
    [0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**30, 10**400, 0.1, -0.0, 1e308, float("inf"), float("nan")]
)
scalars = st.none() | st.booleans() | numbers | words


def _nested(made: tuple[str, int]) -> Any:
    kind, depth = made
    value: Any = "x"
    for _ in range(depth):
        value = [value] if kind == "list" else {"a": value}
    return value


deep = st.tuples(st.sampled_from(["list", "object"]), st.sampled_from([5, 60, 200])).map(_nested)
values = among(
    scalars, scalars, scalars, scalars, scalars, huge, deep,
    st.lists(scalars, max_size=4),
    st.dictionaries(words, scalars, max_size=3),
    st.sampled_from([[], {}, [[]], [{}], {"$ne": ""}, {"__proto__": {}}, {"": ""}, [None] * 600]),
)  # fmt: skip


def ids(known: Known) -> st.SearchStrategy[str]:
    """Mostly other people's, in every spelling that a door may take."""
    spelled = st.sampled_from(
        [str, str, str, str.upper, lambda one: f"act_{one}", lambda one: f" {one} ", _hex, _urn]
    )
    return st.builds(
        lambda one, spell: spell(one), st.sampled_from([*known.foreign, *known.foreign, *known.own]), spelled
    )


def _hex(one: str) -> str:
    return one.replace("-", "")


def _urn(one: str) -> str:
    return f"urn:uuid:{one}"


def cursors(known: Known) -> st.SearchStrategy[str]:
    """Page marks made by hand, with places in other people's lists."""

    def written(parts: list[Any]) -> str:
        text = json.dumps(parts).encode()
        return base64.urlsafe_b64encode(text).decode().rstrip("=")

    return st.lists(st.sampled_from([*known.foreign, "", "-spend", 0, None, "\x00", []]), max_size=3).map(
        written
    )


PLAUSIBLE: dict[str, list[Any]] = {
    "level": ["account", "campaign", "adset", "ad", "AD", "user"],
    "status": ["ACTIVE", "pending", ["ACTIVE"], ["ACTIVE", "ACTIVE"]],
    "sort": ["name", "-spend", "created; DROP TABLE users"],
    "limit": [1, 2, 100, 101, 0, "5"],
    "since": ["2026-11-01", "2026-11-24", "1900-01-01"],
    "until": ["2026-11-24", "2026-10-01"],
    "live": [True, "true"],
    "q": ["50%", "\\", "a" * 400],
    "dailyBudget": ["10.00", "0", "-1", "1e5", "99999999999999", "0.001"],
    "dryRun": [True, False],
    "name": ["Otro", "\x00", "a" * 401],
    "idempotencyKey": ["rebajas-01", "x", "k" * 101],
}


def arguments(known: Known, tool: str) -> st.SearchStrategy[Any]:
    """The arguments that the tool needs and some others, now and then wrong, incomplete or unknown."""
    names = list(TOOLS[tool].arguments.model_json_schema()["properties"]) if tool in TOOLS else ["x"]

    def value(name: str) -> st.SearchStrategy[Any]:
        if name == "cursor":
            return among(cursors(known), cursors(known), words, values)
        if name.endswith(("Ids", "ids")):
            return mostly(st.lists(ids(known), max_size=3), values, one_in=6)
        if name == "id" or name.endswith("Id"):
            return mostly(ids(known), values, one_in=8)
        if name in PLAUSIBLE:
            return mostly(st.sampled_from(PLAUSIBLE[name]), values, one_in=6)
        return values

    needed = TOOLS[tool].arguments.model_json_schema().get("required", []) if tool in TOOLS else []
    given = st.fixed_dictionaries(
        {name: value(name) for name in needed},
        optional={name: value(name) for name in names if name not in needed},
    )
    more = st.builds(lambda one, other: {**one, **other}, given, st.dictionaries(words, values, max_size=2))
    return mostly(given, among(values, more))


NAMES = [*TOOLS, "", "list_ads\x00", "LIST_ADS", "__class__", "list_ads/../pause_ad", "x" * 5000]


def frames(known: Known) -> st.SearchStrategy[Any]:
    """A JSON-RPC message, right or nearly so."""
    numbering = mostly(st.integers(1, 99), among(words, values))
    meta = st.fixed_dictionaries({}, optional={
        "progressToken": scalars,
        "io.modelcontextprotocol/protocolVersion": st.sampled_from(["2026-07-28", "2025-06-18", "1"]) | values,
        "io.modelcontextprotocol/clientCapabilities": st.just({}) | values,
        "io.modelcontextprotocol/clientInfo": st.just({"name": "x", "version": "1"}) | values,
    })  # fmt: skip
    calling = among(
        *[
            st.fixed_dictionaries(
                {"name": st.just(tool), "arguments": arguments(known, tool)}, optional={"_meta": meta}
            )
            for tool in NAMES
        ]
    )
    addresses = among(
        st.sampled_from(["vibekanban://fields", "vibekanban://accounts", "vibekanban://x", "file:///etc/passwd", "http://x"]),
        ids(known).map(lambda one: f"vibekanban://accounts/{quote(one)}/overview"),
        ids(known).map(lambda one: f"vibekanban://{one}"),
        words.map(lambda one: f"vibekanban://accounts/{one}"),
        values,
    )  # fmt: skip
    reading = st.fixed_dictionaries({"uri": addresses})
    prompting = st.fixed_dictionaries(
        {"name": st.sampled_from(["daily_check", "find_waste", "explain_change", "x"]) | words},
        optional={
            "arguments": st.dictionaries(
                st.sampled_from(["account", "campaign", "change", "x"]), ids(known) | values, max_size=3
            )
            | values
        },
    )
    starting = st.fixed_dictionaries(
        {
            "protocolVersion": st.sampled_from(["2025-06-18", "2025-11-25", "2026-07-28", "x"]) | values,
            "capabilities": st.just({}) | values,
        },
        optional={"clientInfo": st.just({"name": "x", "version": "1"}) | values},
    )

    def message(method: st.SearchStrategy[Any], params: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.fixed_dictionaries(
            {
                "jsonrpc": mostly(st.just("2.0"), st.sampled_from(["1.0", 2, None]), one_in=20),
                "id": numbering,
                "method": method,
                "params": params,
            }
        )

    right = [
        *[message(st.just("tools/call"), calling)] * 6,
        message(st.just("resources/read"), reading),
        message(st.just("prompts/get"), prompting),
        message(st.just("initialize"), starting),
    ]
    others = st.sampled_from([
        "tools/list", "resources/list", "resources/templates/list", "prompts/list", "ping", "server/discover",
        "completion/complete", "logging/setLevel", "resources/subscribe", "subscriptions/listen", "tasks/get",
        "tasks/list", "notifications/initialized", "notifications/cancelled", "notifications/progress",
        "sampling/createMessage", "elicitation/create", "roots/list", "rpc.discover", "tools/call", "resources/read",
    ])  # fmt: skip
    wrong = [
        message(others, values | meta),
        message(words | values, values),
        st.dictionaries(
            st.sampled_from(["jsonrpc", "id", "method", "params", "result", "error", "x"]), values, max_size=5
        ),
    ]
    return among(*right, *wrong)

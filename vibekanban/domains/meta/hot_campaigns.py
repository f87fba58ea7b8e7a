"""The campaign list as a small read: the twin of `campaigns.campaigns`, one statement, finished JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from vibekanban.core import kept
from vibekanban.core.pools import POOLS
from vibekanban.core.security import Claims
from vibekanban.domains.accounts import hot as accounts
from vibekanban.domains.meta import cursors, money
from vibekanban.domains.meta.campaigns import Sort

_WHOLE = ", ".join(f"'{currency}'" for currency in sorted(money.WHOLE))
_TODAY = "CASE WHEN c.today = (now() AT TIME ZONE a.timezone)::date THEN c.today_{} ELSE 0 END"
_ROWS = f"""
SELECT c.id, c.meta_id, c.account_id, c.name, c.objective, c.status, c.effective_status, c.daily_budget,
    c.lifetime_budget, c.issues, c.synced_at, a.currency, CASE WHEN a.currency IN ({_WHOLE}) THEN 0 ELSE 2 END AS places,
    {_TODAY.format("spend_micros")} AS spend, {_TODAY.format("impressions")} AS impressions,
    {_TODAY.format("clicks")} AS clicks
FROM campaigns c JOIN meta_accounts a ON a.id = c.account_id
WHERE c.user_id = %(user)s
"""


def _budget(name: str) -> str:
    return f"""coalesce('"' || CASE places WHEN 0 THEN {name}::text ELSE round({name} / 100.0, 2)::text END || '"', 'null')"""


_ITEM = f"""'{{"id":"' || id || '","metaCampaignId":' || to_json(meta_id) || ',"accountId":"' || account_id
    || '","name":' || to_json(name) || ',"objective":' || to_json(objective) || ',"status":' || to_json(status)
    || ',"effectiveStatus":' || to_json(effective_status) || ',"dailyBudget":' || {_budget("daily_budget")}
    || ',"lifetimeBudget":' || {_budget("lifetime_budget")} || ',"currency":"' || currency
    || '","today":{{"spend":"' || round(spend / 1000000.0, greatest(places, min_scale(spend / 1000000.0)))
    || '","impressions":' || impressions || ',"clicks":' || clicks || '}},"issues":' || issues
    || ',"syncedAt":"' || to_char(synced_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"}}'"""
PAGE = 25
# all that the first page of `u.id` is made of: its campaigns (and the one that says there are more) and their accounts,
# whose versions `xmin` tells apart, and what day it is there
_STATE = f"""(
SELECT s.campaigns || (SELECT string_agg(xidsend(a.xmin) || date_send((now() AT TIME ZONE a.timezone)::date), '' ORDER BY a.id)
    FROM meta_accounts a WHERE a.id = ANY (s.accounts))
FROM (
    SELECT string_agg(uuid_send(c.id) || xidsend(c.version), '') AS campaigns, array_agg(DISTINCT c.account_id) AS accounts
    FROM (SELECT id, account_id, xmin AS version FROM campaigns WHERE user_id = u.id ORDER BY id DESC LIMIT {PAGE} + 1) c
) s)"""
_KEYS = {"created": (), "name": ("name",), "spend": ("spend",)}
_KINDS: dict[str, type[Any]] = {"created": str, "name": str, "spend": int}


def _statement(conditions: Sequence[str], keys: Sequence[str], *, continued: bool, down: bool) -> str:
    order = ", ".join(f"{key} DESC" if down else key for key in keys)
    there = "%(at)s, %(last)s" if len(keys) > 1 else "%(last)s"
    after = f"WHERE ({', '.join(keys)}) {'<' if down else '>'} ({there})" if continued else ""
    shown = keys[0] if len(keys) > 1 else "NULL::text"
    return f"""
WITH listed AS ({_ROWS} {" ".join(f"AND {condition}" for condition in conditions)}
), page AS (
    SELECT *, row_number() OVER (ORDER BY {order}) AS place FROM (
        SELECT * FROM listed {after} ORDER BY {order} LIMIT %(limit)s + 1
    ) first
)
SELECT coalesce(string_agg({_ITEM}, ',' ORDER BY place) FILTER (WHERE place <= %(limit)s), ''),
    count(*) > %(limit)s, (array_agg({shown} ORDER BY place))[%(limit)s], (array_agg(id ORDER BY place))[%(limit)s]
FROM page
"""


async def first_page(claims: Claims) -> bytes | None:
    """The first page of who is signed in, as long as nothing of it changed the one that was given before; None for nobody.

    The state is seen before the page is read: when that changes in between, nobody sees this state again.
    """
    found = await accounts.signed_in_with(claims, _STATE)
    if found is None:
        return None
    seen, state = found
    key, answers = ("campaigns", seen.user_id), kept.answers()
    page = answers.get(key, state)
    if page is None:
        page = (await campaigns(seen.user_id)).encode()
        if state is not None:  # without campaigns there is nothing that tells one state from another
            answers.keep(key, state, page, len(page))
    return page


async def campaigns(
    user_id: UUID,
    *,
    account_ids: Sequence[UUID] | None = None,
    statuses: Sequence[str] = (),
    q: str = "",
    sort: Sort = Sort.NEWEST,
    cursor: str | None = None,
    limit: int = PAGE,
) -> str:
    """A page of the user's campaigns as the body of an answer; the filters are those of the twin."""
    conditions: list[str] = []
    values: dict[str, Any] = {"user": user_id, "limit": limit}
    if account_ids is not None:
        conditions.append("c.account_id = ANY(%(accounts)s)")
        values["accounts"] = list(account_ids)
    if statuses:
        conditions.append("c.effective_status = ANY(%(statuses)s)")
        values["statuses"] = list(statuses)
    if q := q.replace("\x00", "").strip():
        conditions.append("(c.name ILIKE %(like)s OR c.meta_id = %(q)s)")
        values |= {"q": q, "like": f"%{_literal(q)}%"}
    name, down = sort.value.lstrip("-"), sort.value.startswith("-")
    if cursor:
        values["at"], values["last"] = cursors.decode(cursor, _KINDS[name])
    statement = _statement(
        conditions, (*_KEYS[name], "id"), continued=cursor is not None and bool(cursor), down=down
    )
    ((items, more, at, last),) = await POOLS.reads.rows(statement, values)
    following = f'"{cursors.encode("" if at is None else at, last)}"' if more and last else "null"
    return f'{{"items":[{items}],"nextCursor":{following}}}'


def _literal(q: str) -> str:
    """Text that LIKE takes as it is."""
    return q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

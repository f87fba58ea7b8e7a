"""What the seed gave: the starting campaigns, ad sets, ads and creatives, as pure functions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from vibekanban.sandbox.graph import pictures
from vibekanban.sandbox.graph.world import Account, Place, mix, object_id

OBJECTIVES = (
    "OUTCOME_SALES",
    "OUTCOME_LEADS",
    "OUTCOME_TRAFFIC",
    "OUTCOME_SALES",
    "OUTCOME_ENGAGEMENT",
    "OUTCOME_AWARENESS",
)
THEMES = ("Prospección", "Remarketing", "Lanzamiento", "Rebajas", "Catálogo", "Marca", "Captación", "Navidad")
AUDIENCES = ("España", "Península", "Ciudades", "Lookalike 1 %", "Intereses", "Abierta")
FORMATS = ("Vídeo 15 s", "Carrusel", "Imagen", "Historia", "Colección")
GOALS = {
    "OUTCOME_SALES": ("OFFSITE_CONVERSIONS", "VALUE", "CONVERSATIONS"),
    "OUTCOME_LEADS": ("LEAD_GENERATION", "QUALITY_LEAD", "OFFSITE_CONVERSIONS", "CONVERSATIONS"),
    "OUTCOME_TRAFFIC": ("LINK_CLICKS", "LANDING_PAGE_VIEWS", "REACH", "CONVERSATIONS"),
    "OUTCOME_ENGAGEMENT": ("POST_ENGAGEMENT", "THRUPLAY", "PAGE_LIKES", "EVENT_RESPONSES", "CONVERSATIONS"),
    "OUTCOME_AWARENESS": ("REACH", "IMPRESSIONS", "AD_RECALL_LIFT", "THRUPLAY"),
    "OUTCOME_APP_PROMOTION": ("APP_INSTALLS", "OFFSITE_CONVERSIONS", "VALUE"),
}
FIRST_DAY = date(2024, 1, 15)
SPREAD = 300  # days over which the campaigns were born
STOPPED = date(2026, 10, 15)  # when the campaigns that start paused were paused
COUNTRY = {
    "Europe/Madrid": "ES", "Europe/Paris": "FR", "America/New_York": "US", "Europe/London": "GB",
    "America/Mexico_City": "MX", "America/Sao_Paulo": "BR", "America/Bogota": "CO", "America/Lima": "PE",
    "America/Santiago": "CL", "Europe/Zurich": "CH", "Asia/Tokyo": "JP", "Asia/Kolkata": "IN",
}  # fmt: skip


def stamp(moment: float) -> str:
    """Meta's way of writing a time."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


@lru_cache(maxsize=10_000)
def born(seed: int, account: Account, campaign: int) -> date:
    """The day a campaign began with all that is in it."""
    return FIRST_DAY + timedelta(days=mix(seed, account.number, campaign) % SPREAD)


def starts_paused(at: Place) -> bool:
    """Whether an object of the seed is paused until somebody turns it on."""
    if at.level == "campaign":
        return at.campaign % 6 == 5
    return at.level == "ad" and account_sleeps(at.account, at.campaign, at.adset, at.ad)


def account_sleeps(account: Account, campaign: int, adset: int, ad: int) -> bool:
    """Large accounts keep most of their ads paused, as people do."""
    return account.live > 1 and (campaign * 31 + adset * 7 + ad) % account.live != 0


def rejected(at: Place) -> bool:
    """Whether an ad is one of those that a wave of disapprovals hits."""
    return at.account.scenario == "disapprovals" and at.level == "ad" and at.campaign < 3 and at.ad == 0


def campaign_holds(account: Account, campaign: int) -> bool:
    """True: the campaign holds the budget; False: its ad sets do."""
    return account.scenario != "mixed_budgets" or campaign % 2 == 0


@lru_cache(maxsize=10_000)
def budget(seed: int, account: Account, campaign: int) -> int:
    """The starting daily budget of a campaign in minor units: some orders' worth."""
    steps = 1 + mix(seed, account.number, campaign, 77) % 6
    return account.order * steps // 2 + account.offset * 10


def adset_budget(seed: int, account: Account, campaign: int) -> int:
    return max(account.offset, budget(seed, account, campaign) // account.adsets)


def fields(seed: int, at: Place) -> dict[str, Any]:
    """Every field of an object as it began."""
    account, c = at.account, at.campaign
    kind = OBJECTIVES[c % len(OBJECTIVES)]
    began = datetime.combine(born(seed, account, c), datetime.min.time(), UTC).timestamp()
    shared = {
        "id": at.id, "level": at.level, "account_id": account.id, "created_time": stamp(began),
        "updated_time": stamp(began), "status": "PAUSED" if starts_paused(at) else "ACTIVE",
    }  # fmt: skip
    if at.level == "campaign":
        holds = {"daily_budget": str(budget(seed, account, c))} if campaign_holds(account, c) else {}
        return shared | holds | {
            "name": f"{THEMES[c % len(THEMES)]} {c + 1:02d} · {kind.removeprefix('OUTCOME_').title()}",
            "objective": kind, "buying_type": "AUCTION", "special_ad_categories": [],
            "bid_strategy": "LOWEST_COST_WITHOUT_CAP", "start_time": stamp(began),
        }  # fmt: skip
    above = {"campaign_id": object_id(account, "campaign", c)}
    if at.level == "adset":
        own = {} if campaign_holds(account, c) else {"daily_budget": str(adset_budget(seed, account, c))}
        country = COUNTRY[account.timezone]
        return shared | above | own | {
            "name": f"{AUDIENCES[at.adset % len(AUDIENCES)]} · conjunto {at.adset + 1}",
            "optimization_goal": GOALS[kind][0], "billing_event": "IMPRESSIONS",
            "targeting": {
                "geo_locations": {"countries": [country]}, "age_min": 18, "age_max": 65,
                "targeting_automation": {"advantage_audience": 1},
            },
            "start_time": stamp(began), "destination_type": "WEBSITE",
            "attribution_spec": [
                {"event_type": "CLICK_THROUGH", "window_days": 7}, {"event_type": "VIEW_THROUGH", "window_days": 1},
            ],
            "promoted_object": {"pixel_id": pixel(account), "custom_event_type": "PURCHASE"},
        }  # fmt: skip
    return shared | above | {
        "name": f"{FORMATS[at.ad % len(FORMATS)]} · anuncio {at.ad + 1}",
        "adset_id": object_id(account, "adset", c, at.adset), "creative": {"id": "14" + at.id[2:]},
        "tracking_specs": [{"action.type": ["offsite_conversion"], "fb_pixel": [pixel(account)]}],
    }  # fmt: skip


def pixel(account: Account) -> str:
    return f"56{account.number:013d}"


def page(account: Account) -> str:
    """The Facebook page the account's ads speak for."""
    return f"10{account.number:013d}"


def creative(account: Account, object_id: str, ad_name: str) -> dict[str, Any]:
    """The creative of an ad of the seed."""
    link = f"https://tienda.example/{object_id[-6:]}"
    message = "Descubre lo nuevo: envío gratis esta semana."
    story = {"page_id": page(account), "link_data": {"link": link, "message": message, "name": account.name}}
    return {
        "id": object_id, "account_id": account.id, "name": f"Creatividad de {ad_name}", "status": "ACTIVE",
        "object_type": "SHARE", "title": account.name, "body": message, "link_url": link,
        "call_to_action_type": "SHOP_NOW", "object_story_spec": story,
        "effective_object_story_id": f"{page(account)}_{object_id[-9:]}",
        "image_hash": f"{mix(int(object_id)):016x}" * 2, "thumbnail_url": pictures.drawn(object_id),
    }  # fmt: skip

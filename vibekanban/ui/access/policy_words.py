"""A token's limits in words for the list, and as the values of the fields of its form."""

from __future__ import annotations

from vibekanban.core.i18n import Locale, money, say
from vibekanban.domains.access.policy import Policy


def told(policy: Policy, locale: Locale) -> list[str]:
    """One line a limit."""
    lines = [
        say(locale, f"ui.policy.told.{name}", amount=money(amount, currency, locale))
        for name, ceilings in (("daily", policy.max_daily_budget), ("lifetime", policy.max_lifetime_budget))
        for currency, amount in ceilings.items()
    ]
    for name, value in (
        ("per_call", policy.max_percent_per_call),
        ("per_day", policy.max_percent_per_day),
        ("writes", policy.max_writes_per_day),
    ):
        if value is not None:
            lines.append(say(locale, f"ui.policy.told.{name}", value=value))
    if policy.quiet_hours is not None:
        quiet = policy.quiet_hours
        lines.append(
            say(locale, "ui.policy.told.quiet", start=f"{quiet.start:%H:%M}", end=f"{quiet.end:%H:%M}")
        )
    if policy.dry_run:
        lines.append(say(locale, "ui.policy.told.dry"))
    if policy.approval is not None:
        lines.append(say(locale, "ui.policy.told.approval"))
    return lines


def filled(policy: Policy) -> dict[str, str]:
    """The values by the names of their fields, without the leading `policy.`."""
    found: dict[str, str] = {}
    for name, ceilings in (
        ("maxDailyBudget", policy.max_daily_budget),
        ("maxLifetimeBudget", policy.max_lifetime_budget),
    ):
        found |= {f"{name}.{currency}": str(amount) for currency, amount in ceilings.items()}
    for name, value in (
        ("maxPercentPerCall", policy.max_percent_per_call),
        ("maxPercentPerDay", policy.max_percent_per_day),
        ("maxWritesPerDay", policy.max_writes_per_day),
    ):
        if value is not None:
            found[name] = str(value)
    if policy.quiet_hours is not None:
        quiet = policy.quiet_hours
        found |= {
            "quietHours.start": f"{quiet.start:%H:%M}",
            "quietHours.end": f"{quiet.end:%H:%M}",
            "quietHours.timezone": quiet.timezone,
        }
    if policy.dry_run:
        found["dryRun"] = "true"
    if policy.approval is not None:
        found["approval.expiresHours"] = str(policy.approval.expires_hours)
        if policy.approval.above_percent is not None:
            found["approval.abovePercent"] = str(policy.approval.above_percent)
    return found

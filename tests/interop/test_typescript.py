"""The official TypeScript clients, both generations: all pages of a long list, and writes within and beyond limits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.interop.conftest import Programs
from tests.mcp.conftest import Server
from tests.mcp.limited import ADS, BEYOND, HELD_ABOVE, REFUSED_ABOVE, Limited
from vibekanban.domains.tools.catalogue import TOOLS

pytestmark = pytest.mark.parametrize("library", ["sdk", "client"])


def at_work(
    programs: Programs, server: Server, limited: Limited, library: str, *, language: str = "es", **work: Any
) -> dict[str, Any]:
    given = {"calls": [], **work, "library": library, "language": language}
    address = {"url": f"{server.url}/mcp", "token": limited.token}
    return programs.run("session.mjs", given=given | address).told


def raising(limited: Limited, percent: int) -> dict[str, Any]:
    arguments = {"campaignId": limited.campaign_id, "dailyBudget": limited.more(percent)}
    return {"tool": "update_campaign", "arguments": arguments}


def test_it_reads_a_thousand_ads_once_each(
    programs: Programs, server: Server, limited: Limited, library: str
) -> None:
    pages = {"tool": "list_ads", "arguments": {"adSetId": limited.tenant.ad_set_id, "limit": 100}}
    found = at_work(programs, server, limited, library, pages=pages)
    assert set(found["tools"]) == TOOLS.keys()
    assert len(found["rows"]) == ADS
    assert set(found["rows"]) == limited.ad_ids


def test_a_write_within_the_limits_arrives_at_meta(
    programs: Programs, server: Server, limited: Limited, library: str
) -> None:
    call = raising(limited, HELD_ABOVE)
    (answer,) = at_work(programs, server, limited, library, calls=[call])["answers"]
    assert answer["structuredContent"]["outcome"] == "applied"
    assert f"{limited.budget:.2f}" == call["arguments"]["dailyBudget"]


def test_a_write_that_a_person_decides_waits(
    programs: Programs, server: Server, limited: Limited, library: str
) -> None:
    before = limited.budget
    (answer,) = at_work(programs, server, limited, library, calls=[raising(limited, REFUSED_ABOVE)])[
        "answers"
    ]
    assert answer["structuredContent"]["outcome"] == "pending_approval"
    assert answer["structuredContent"]["message"]
    assert limited.budget == before


@pytest.mark.parametrize("language", BEYOND)
def test_a_write_beyond_the_limits_is_refused_with_a_reason(
    programs: Programs, server: Server, limited: Limited, library: str, language: str
) -> None:
    before = limited.budget
    call = raising(limited, REFUSED_ABOVE + 1)
    (answer,) = at_work(programs, server, limited, library, language=language, calls=[call])["answers"]
    assert answer["isError"]
    assert BEYOND[language] in json.loads(answer["content"][0]["text"])["error"]
    assert limited.budget == before

"""What a browser does on the consent page of the sandbox, for a demo that comes connected."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx

from vibekanban.clients.meta import errors

TIMEOUT = 10.0


def given(dialog_url: str, person: str) -> dict[str, str]:
    """Fill in the page that an address opens, for one of the sandbox's people; what the browser is sent back with.

    BadGateway while the sandbox does not answer, Refused when it does not know who asks or where to send back to.
    """
    asked = _values(dialog_url)
    form = {name: asked[name] for name in ("client_id", "redirect_uri", "state")}
    sent = {**form, "person": person, "scope": asked["scope"].split(","), "answer": "yes"}
    try:
        back = httpx.post(dialog_url.partition("?")[0], data=sent, timeout=TIMEOUT)
    except httpx.HTTPError:
        raise errors.BadGateway() from None
    if not back.has_redirect_location:
        raise errors.Refused()
    return _values(back.headers["location"])


def _values(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}

"""Webhooks: signed as the specification says, never to an address on the inside."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from vibekanban.clients import webhooks
from vibekanban.clients.posting import Refused, Unavailable
from vibekanban.core import logging, settings


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("APP_ENV", "production")
    settings.settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.settings.cache_clear()


def test_the_signature_is_that_of_the_specification() -> None:
    signed = webhooks.signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "inside",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
    ],
)
def test_an_address_on_the_inside_is_not_public(inside: str) -> None:
    assert not webhooks.public(ip_address(inside))


@pytest.mark.parametrize("outside", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_an_address_on_the_internet_is_public(outside: str) -> None:
    assert webhooks.public(ip_address(outside))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "127.1", "169.254.169.254"]
)
def test_nothing_inside_is_called_however_it_is_written(host: str) -> None:
    with pytest.raises(Refused, match="private_address"):
        webhooks.send(f"http://{host}:9/hook", [webhooks.new_secret()], b"{}", message_id="m", timestamp=1)


def test_a_name_with_one_address_inside_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(_host: str, port: int, **_options: object) -> list[object]:
        return [(2, 1, 6, "", (address, port)) for address in ("93.184.215.14", "10.0.0.7")]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    with pytest.raises(Refused, match="private_address"):
        webhooks.send("https://hooks.example.com/", [], b"{}", message_id="m", timestamp=1)


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def changing(host: str, port: int, *_rest: object, **_options: object) -> list[object]:
        asked.append(host)
        if host == "hooks.example.com":  # the second answer would be on the inside
            address = "93.184.215.14" if asked.count(host) == 1 else "127.0.0.1"
            return [(2, 1, 6, "", (address, port))]
        raise OSError("no network in tests")

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    with pytest.raises(Unavailable):
        webhooks.send("https://hooks.example.com/", [], b"{}", message_id="m", timestamp=1)
    assert asked == ["hooks.example.com", "93.184.215.14"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "https://",
        "https://user:pass@hooks.example.com/",
        "https://hooks.example.com/#part",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\r\nX: 1",
        "https://[::1/",
        "https://hooks.example.com/" + "a" * 2000,
    ],
)
def test_what_is_no_address_is_not_accepted(url: str) -> None:
    assert not webhooks.accepts(url)


def test_production_wants_https(production: None) -> None:
    assert webhooks.accepts("https://hooks.example.com/x?token=1")
    assert not webhooks.accepts("http://hooks.example.com/x?token=1")


def test_a_private_host_the_operator_names_may_speak_http(
    production: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOK_PRIVATE_HOSTS", "n8n, flows.internal")
    settings.settings.cache_clear()
    assert webhooks.accepts("http://n8n:5678/webhook/1")
    assert not webhooks.accepts("http://n8n.example.com/webhook/1")


def test_addresses_of_slack_and_signing_secrets_are_kept_out_of_logs() -> None:
    said = logging.scrub("https://hooks.slack.com/services/T0/B0/secreto whsec_MfKQ9r8GKYqrTwjU+/=")
    assert said == "https://hooks.slack.com/services/*** ***"

"""Calling strangers: a deadline for the whole call, little read, nothing followed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from vibekanban.clients import posting

Answering = Callable[[socket.socket], None]


@pytest.fixture
def stranger() -> Iterator[Callable[[Answering], str]]:
    """Starts a server on this machine that takes one call; answers its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def start(answer: Answering) -> str:
        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        threads.append(thread)
        return f"http://127.0.0.1:{listening.getsockname()[1]}/"

    yield start
    for thread in threads:
        thread.join(10)
    listening.close()


def test_the_beginning_of_an_answer_is_read(stranger: Callable[[Answering], str]) -> None:
    url = stranger(lambda it: it.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"))
    assert posting.post(url, b"{}", {}) == (200, "ok")


def test_no_more_than_the_beginning_is_read(stranger: Callable[[Answering], str]) -> None:
    def endless(it: socket.socket) -> None:
        it.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                it.sendall(b"x" * 65536)
        except OSError:
            pass  # hung up on, as it should be

    status, said = posting.post(stranger(endless), b"{}", {})
    assert (status, len(said)) == (200, posting.MOST_READ)


def test_an_answer_that_drips_ends_at_the_deadline(
    stranger: Callable[[Answering], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "DEADLINE", 0.5)
    over = threading.Event()

    def drip(it: socket.socket) -> None:
        it.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        try:
            while not over.wait(0.05):
                it.sendall(b"x")
        except OSError:
            pass  # hung up on, as it should be

    url = stranger(drip)
    with pytest.raises(posting.Unavailable, match="too_slow"):
        posting.post(url, b"{}", {})
    over.set()


def test_what_is_no_http_is_unavailable(stranger: Callable[[Answering], str]) -> None:
    with pytest.raises(posting.Unavailable, match="not_reached"):
        posting.post(stranger(lambda it: it.sendall(b"SSH-2.0-OpenSSH_9.9\r\n")), b"{}", {})


def test_a_message_that_is_too_long_is_not_sent() -> None:
    with pytest.raises(posting.Refused):
        posting.post("http://127.0.0.1:9/", b"x" * (posting.MOST_SENT + 1), {})

"""The account routes over real commits."""

from __future__ import annotations

from fastapi.testclient import TestClient

from tests.factories.accounts import PASSWORD

TANIA = {"email": " Tania@Example.com ", "name": "Tania Ríos", "password": PASSWORD}


def test_registering_answers_a_token_that_works(client: TestClient) -> None:
    answer = client.post("/api/auth/register", json=TANIA)
    assert answer.status_code == 201
    token = answer.json()["token"]
    me = client.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()["email"] == "tania@example.com"
    assert me.json()["role"] == "TRAFICER"

"""Credentials and tenants, as the real n8n keeps them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories.n8n import a_name, a_request, a_webhook, a_workflow
from tests.n8n.platform import Platform
from vibekanban.clients.n8n.api import N8n
from vibekanban.clients.n8n.errors import Missing, Refused
from vibekanban.clients.n8n.shapes import Tenant


@pytest.fixture
def tenants(n8n: N8n) -> Iterator[list[Tenant]]:
    """Two tenants, removed afterwards with all they have."""
    made = [n8n.create_tenant(f"{a_name()}@tenants.vibekanban.com") for _ in range(2)]
    yield made
    for workflow in list(n8n.workflows()):
        n8n.delete_workflow(workflow.id)
    for tenant in made:
        n8n.delete_tenant(tenant.user_id)


def published(n8n: N8n, url: str, credential_id: str, project_id: str | None = None) -> tuple[str, str]:
    path = a_name()
    document = a_workflow(a_webhook(path), a_request(url, credential_id))
    made = n8n.create_workflow(document, project_id=project_id)
    n8n.publish(made.id)
    return made.id, path


def test_a_node_sends_the_token_of_its_credential(n8n: N8n, platform: Platform) -> None:
    credential = n8n.create_bearer(name=a_name(), token="vkm_one", domains=["127.0.0.1"])
    _, path = published(n8n, platform.url, credential)
    assert n8n.run(path, {}) == {"ok": True}
    assert platform.tokens == ["Bearer vkm_one"]


def test_a_rotated_token_is_sent_from_the_next_run_on(n8n: N8n, platform: Platform) -> None:
    credential = n8n.create_bearer(name=a_name(), token="vkm_one", domains=["127.0.0.1"])
    _, path = published(n8n, platform.url, credential)
    n8n.rotate_bearer(credential, "vkm_two")
    n8n.run(path, {})
    assert platform.tokens == ["Bearer vkm_two"]


def test_a_rotated_credential_still_goes_to_its_hosts_only(n8n: N8n, platform: Platform) -> None:
    credential = n8n.create_bearer(name=a_name(), token="vkm_one", domains=["api.vibekanban.com"])
    _, path = published(n8n, platform.url, credential)
    n8n.rotate_bearer(credential, "vkm_two")
    with pytest.raises(Refused):
        n8n.run(path, {})
    assert platform.tokens == []


def test_a_token_is_not_sent_to_a_foreign_host(n8n: N8n, platform: Platform) -> None:
    credential = n8n.create_bearer(name=a_name(), token="vkm_one", domains=["api.vibekanban.com"])
    workflow_id, path = published(n8n, platform.url, credential)
    with pytest.raises(Refused):
        n8n.run(path, {})
    assert platform.tokens == []
    [run] = n8n.executions(workflow_id=workflow_id)
    assert "Domain not allowed" in n8n.execution(run.id).error


def test_a_token_appears_in_no_document_and_no_run(n8n: N8n, platform: Platform) -> None:
    credential = n8n.create_bearer(name=a_name(), token="vkm_secret", domains=["127.0.0.1"])
    workflow_id, path = published(n8n, platform.url, credential)
    n8n.run(path, {})
    [run] = n8n.executions(workflow_id=workflow_id)
    shown = [n8n.workflow(workflow_id).document, n8n.execution(run.id), list(n8n.credentials())]
    assert "vkm_secret" not in str(shown)


def test_a_run_without_its_credential_fails(n8n: N8n, platform: Platform) -> None:
    credential = n8n.create_bearer(name=a_name(), token="vkm_one", domains=["127.0.0.1"])
    _, path = published(n8n, platform.url, credential)
    n8n.delete_credential(credential)
    n8n.delete_credential(credential)
    with pytest.raises(Refused):
        n8n.run(path, {})
    assert platform.tokens == []


def test_a_tenant_is_made_once(n8n: N8n, tenants: list[Tenant]) -> None:
    email = f"{a_name()}@tenants.vibekanban.com"
    first = n8n.create_tenant(email)
    try:
        assert n8n.create_tenant(email) == first
    finally:
        n8n.delete_tenant(first.user_id)


def test_a_tenants_things_are_listed_apart(n8n: N8n, tenants: list[Tenant]) -> None:
    mine, theirs = tenants
    made = n8n.create_workflow(a_workflow(a_webhook(a_name())), project_id=mine.project_id)
    n8n.create_workflow(a_workflow(a_webhook(a_name())), project_id=theirs.project_id)
    assert [one.id for one in n8n.workflows(project_id=mine.project_id)] == [made.id]


def test_a_workflow_can_not_use_another_tenants_credential(
    n8n: N8n, tenants: list[Tenant], platform: Platform
) -> None:
    mine, theirs = tenants
    foreign = n8n.create_bearer(
        name=a_name(), token="vkm_theirs", domains=["127.0.0.1"], project_id=theirs.project_id
    )
    _, path = published(n8n, platform.url, foreign, mine.project_id)
    with pytest.raises(Refused):
        n8n.run(path, {})
    assert platform.tokens == []


def test_with_a_tenant_goes_all_they_have(n8n: N8n) -> None:
    email = f"{a_name()}@tenants.vibekanban.com"
    tenant = n8n.create_tenant(email)
    made = n8n.create_workflow(a_workflow(a_webhook(a_name())), project_id=tenant.project_id)
    assert n8n.tenant_id(email) == tenant.user_id
    for _ in range(2):  # a second time is nothing new
        n8n.delete_tenant(tenant.user_id)
    assert n8n.tenant_id(email) is None
    with pytest.raises(Missing):
        n8n.workflow(made.id)

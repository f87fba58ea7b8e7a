"""Workflows and their publishing, as the real n8n does them."""

from __future__ import annotations

import pytest

from tests.factories.n8n import a_name, a_set, a_webhook, a_workflow
from tests.n8n.conftest import eventually
from vibekanban.clients.n8n.api import N8n
from vibekanban.clients.n8n.errors import InConflict, Missing, Refused


def test_what_is_created_is_not_published(n8n: N8n) -> None:
    made = n8n.create_workflow(a_workflow(a_webhook(a_name())))
    assert not made.published
    assert n8n.workflow(made.id).document["nodes"][0]["type"] == "n8n-nodes-base.webhook"


def test_a_document_that_was_read_can_be_written_back(n8n: N8n) -> None:
    made = n8n.create_workflow(a_workflow(a_webhook(a_name())))
    document = n8n.workflow(made.id).document | {"name": "Renamed"}
    assert n8n.replace_workflow(made.id, document).name == "Renamed"


def test_a_published_workflow_answers_its_webhook(n8n: N8n) -> None:
    path = a_name()
    made = n8n.create_workflow(a_workflow(a_webhook(path), a_set('{"roas": 2}')))
    assert n8n.publish(made.id).published
    assert n8n.run(path, {}) == {"roas": 2}


def test_publishing_twice_is_as_publishing_once(n8n: N8n) -> None:
    made = n8n.create_workflow(a_workflow(a_webhook(a_name())))
    first = n8n.publish(made.id)
    assert n8n.publish(made.id).active_version == first.active_version


def test_replacing_a_published_workflow_runs_the_new_one(n8n: N8n) -> None:
    path = a_name()
    made = n8n.create_workflow(a_workflow(a_webhook(path), a_set('{"roas": 2}')))
    n8n.publish(made.id)
    n8n.replace_workflow(made.id, a_workflow(a_webhook(path), a_set('{"roas": 3}'), name=made.name))
    assert eventually(lambda: n8n.run(path, {}) == {"roas": 3})


def test_a_draft_may_wait_beside_the_published_version(n8n: N8n) -> None:
    path = a_name()
    made = n8n.create_workflow(a_workflow(a_webhook(path), a_set('{"roas": 2}')))
    n8n.publish(made.id)
    draft = a_workflow(a_webhook(path), a_set('{"roas": 3}'), name=made.name)
    n8n.replace_workflow(made.id, draft, publish_if_active=False)
    assert n8n.run(path, {}) == {"roas": 2}


def test_an_older_version_can_be_published_again(n8n: N8n) -> None:
    path = a_name()
    made = n8n.create_workflow(a_workflow(a_webhook(path), a_set('{"roas": 2}')))
    first = n8n.publish(made.id).active_version
    n8n.replace_workflow(made.id, a_workflow(a_webhook(path), a_set('{"roas": 3}'), name=made.name))
    assert n8n.publish(made.id, version=first).active_version == first


def test_an_unpublished_workflow_answers_no_more(n8n: N8n) -> None:
    path = a_name()
    made = n8n.create_workflow(a_workflow(a_webhook(path)))
    n8n.publish(made.id)
    n8n.run(path, {})
    assert not n8n.unpublish(made.id).published
    assert not n8n.workflow(made.id).published


def test_a_published_workflow_is_deleted_with_what_it_takes(n8n: N8n) -> None:
    made = n8n.create_workflow(a_workflow(a_webhook(a_name())))
    n8n.publish(made.id)
    n8n.delete_workflow(made.id)
    with pytest.raises(Missing):
        n8n.workflow(made.id)


def test_deleting_what_is_gone_does_nothing(n8n: N8n) -> None:
    made = n8n.create_workflow(a_workflow(a_webhook(a_name())))
    n8n.delete_workflow(made.id)
    n8n.delete_workflow(made.id)


def test_archiving_unpublishes_and_is_safe_to_repeat(n8n: N8n) -> None:
    made = n8n.create_workflow(a_workflow(a_webhook(a_name())))
    n8n.publish(made.id)
    n8n.archive(made.id)
    n8n.archive(made.id)
    found = n8n.workflow(made.id)
    assert found.archived
    assert not found.published


def test_an_archived_workflow_can_not_be_published(n8n: N8n) -> None:
    made = n8n.create_workflow(a_workflow(a_webhook(a_name())))
    n8n.archive(made.id)
    with pytest.raises(Refused):
        n8n.publish(made.id)


def test_two_workflows_can_not_answer_on_one_path(n8n: N8n) -> None:
    path = a_name()
    n8n.publish(n8n.create_workflow(a_workflow(a_webhook(path))).id)
    n8n.run(path, {})  # its webhook is there now
    second = n8n.create_workflow(a_workflow(a_webhook(path)))
    with pytest.raises(InConflict):
        n8n.publish(second.id)


def test_a_workflow_without_a_trigger_is_not_published(n8n: N8n) -> None:
    made = n8n.create_workflow(a_workflow(a_set("{}")))
    with pytest.raises(Refused, match="trigger"):
        n8n.publish(made.id)


def test_a_node_that_the_server_does_not_know_is_refused_at_publishing(n8n: N8n) -> None:
    strange = a_set("{}") | {"type": "mcp-custom"}
    made = n8n.create_workflow(a_workflow(a_webhook(a_name()), strange))
    with pytest.raises(Refused, match="Unrecognized node type"):
        n8n.publish(made.id)


def test_a_node_that_is_not_on_the_list_is_refused_at_publishing(n8n: N8n) -> None:
    code = a_set("{}") | {
        "type": "n8n-nodes-base.code",
        "typeVersion": 2,
        "parameters": {"jsCode": "return []"},
    }
    made = n8n.create_workflow(a_workflow(a_webhook(a_name()), code))
    with pytest.raises(Refused, match="Unrecognized node type"):
        n8n.publish(made.id)


def test_a_connection_to_nowhere_is_refused(n8n: N8n) -> None:
    document = a_workflow(a_webhook(a_name()), a_set("{}"))
    document["connections"]["Run now"]["main"][0][0]["node"] = "Nobody"
    with pytest.raises(Refused):
        n8n.create_workflow(document)


def test_two_nodes_of_one_name_are_refused(n8n: N8n) -> None:
    document = a_workflow(a_webhook(a_name()))
    document["nodes"].append(document["nodes"][0] | {"id": "other"})
    with pytest.raises(Refused):
        n8n.create_workflow(document)


def test_a_listing_goes_on_to_its_end(n8n: N8n) -> None:
    names = {n8n.create_workflow(a_workflow(a_webhook(a_name()))).name for _ in range(105)}
    assert {one.name for one in n8n.workflows()} >= names


def test_a_workflow_is_found_by_its_name(n8n: N8n) -> None:
    made = n8n.create_workflow(a_workflow(a_webhook(a_name())))
    n8n.create_workflow(a_workflow(a_webhook(a_name())))
    assert [one.id for one in n8n.workflows(name=made.name)] == [made.id]


def test_a_workflow_that_does_not_exist_is_missing(n8n: N8n) -> None:
    with pytest.raises(Missing):
        n8n.workflow("nothing")

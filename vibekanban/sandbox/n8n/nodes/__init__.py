"""The nodes, by type: what each does with its items."""

from __future__ import annotations

from vibekanban.sandbox.n8n.known import BASE, MCP_CLIENT, TRIGGERS
from vibekanban.sandbox.n8n.nodes.branching import branch, choose, keep
from vibekanban.sandbox.n8n.nodes.flow import fail, pass_on
from vibekanban.sandbox.n8n.nodes.http import request
from vibekanban.sandbox.n8n.nodes.items import limit, merge, split
from vibekanban.sandbox.n8n.nodes.mcp import call_tool
from vibekanban.sandbox.n8n.nodes.setting import write
from vibekanban.sandbox.n8n.steps import Node

NODES: dict[str, Node] = {
    **dict.fromkeys(TRIGGERS, pass_on),
    BASE + "set": write,
    BASE + "if": branch,
    BASE + "filter": keep,
    BASE + "switch": choose,
    BASE + "merge": merge,
    BASE + "splitOut": split,
    BASE + "limit": limit,
    BASE + "noOp": pass_on,
    BASE + "stopAndError": fail,
    BASE + "httpRequest": request,
    MCP_CLIENT: call_tool,
}

"""Starts pipeboard's MCP server, as published, against another Graph address: `python … BASE_URL`.

Run by the Python of pipeboard's own virtual environment; imports nothing of ours.
"""

import sys

from meta_ads_mcp.core import api  # pyright: ignore[reportMissingImports]
from meta_ads_mcp.core.server import mcp_server  # pyright: ignore[reportMissingImports]

api.META_GRAPH_API_BASE = f"{sys.argv[1]}/{api.META_GRAPH_API_VERSION}"
mcp_server.run("stdio")

"""The Python MCP client with a server of the revision 2026-07-28, found by asking, and taken as given; then as clients were before.

Called with the URL of the hosted server.
"""

import asyncio
import os
import sys
import uuid

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

sys.path.append(os.path.join(os.path.dirname(__file__), "../fixture"))
from sigv4_httpx import signed_with  # noqa: E402


async def story(url, mode, headers):
    async with httpx2.AsyncClient(auth=signed_with(httpx2.Auth), headers=headers, timeout=60) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == {"add_numbers", "which_sandbox"}
            assert (await client.call_tool("add_numbers", {"a": 5, "b": 3})).content[0].text == "8"
            return [(await client.call_tool("which_sandbox", {})).content[0].text for _ in range(2)]


async def main(url):
    named = {"X-Amzn-Bedrock-AgentCore-Runtime-Session-Id": str(uuid.uuid4())}
    seen = [await story(url, mode, named) for mode in ("auto", "2026-07-28", "legacy")]
    print("sandboxes of one named session:", len({sandbox for both in seen for sandbox in both}))
    print("sandboxes of two requests that name none:", len(set(await story(url, "2026-07-28", {}))))


asyncio.run(main(sys.argv[1]))

"""The Python MCP client against each URL of a hosted server that it is given; signs, or brings BEARER_TOKEN."""

import asyncio
import os
import sys

import httpx2
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

sys.path.append(os.path.join(os.path.dirname(__file__), "../fixture"))
from sigv4_httpx import signed_with  # noqa: E402


def proven():
    token = os.environ.get("BEARER_TOKEN")
    if token is None:
        return {"auth": signed_with(httpx2.Auth)}
    return {"headers": {"authorization": f"Bearer {token}"}}


async def sum_through(url):
    async with httpx2.AsyncClient(**proven(), timeout=60) as http:
        async with streamable_http_client(url, http_client=http) as (read, write, *_):
            async with ClientSession(read, write) as session:
                await session.initialize()
                tools = await session.list_tools()
                assert any(tool.name == "add_numbers" for tool in tools.tools)
                result = await session.call_tool("add_numbers", {"a": 5, "b": 3})
                return result.content[0].text


async def main(urls):
    sums = [await sum_through(url) for url in urls]
    assert len(set(sums)) == 1, sums
    print(f"{len(urls)} servers: {sums[0]}")


asyncio.run(main(sys.argv[1:]))

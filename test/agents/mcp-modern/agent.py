"""An MCP server of the revision 2026-07-28, which keeps no sessions; each of its answers names the process that gave it."""

import uuid

from mcp.server.mcpserver import MCPServer

sandbox = str(uuid.uuid4())
mcp = MCPServer("modern")


@mcp.tool()
def add_numbers(a: int, b: int) -> int:
    """Add two numbers together"""
    return a + b


@mcp.tool()
def which_sandbox() -> str:
    """Tell sandboxes apart"""
    return sandbox


if __name__ == "__main__":
    mcp.run(transport="streamable-http", host="0.0.0.0", stateless_http=True)

"""Shells by the AgentCore SDK for Python, as they come but for the address: the SDK insists on TLS and names of AWS.

Called with the ARN of a runtime; `berth env` has set everything else.
"""

import asyncio
import os
import sys
import uuid
from urllib.parse import urlparse

# It reads the environment at once.
os.environ.pop("BEDROCK_AGENTCORE_DP_ENDPOINT", None)
from bedrock_agentcore.runtime import (  # noqa: E402
    AgentCoreRuntimeClient,
    PresignedAuth,
    ReconnectConfig,
    ShellChannel,
)

arn = sys.argv[1]
server = urlparse(os.environ["AWS_ENDPOINT_URL_BEDROCK_AGENTCORE"])


class PlainClient(AgentCoreRuntimeClient):
    def _build_shell_url(self, *args, **kwargs):
        url = urlparse(super()._build_shell_url(*args, **kwargs))
        return url._replace(netloc=server.netloc).geturl()

    def connect_shell(self, *args, **kwargs):
        url, headers = super().connect_shell(*args, **kwargs)
        return url.replace("wss://", "ws://"), headers

    def connect_shell_presigned(self, *args, **kwargs):
        return super().connect_shell_presigned(*args, **kwargs).replace("wss://", "ws://")


async def until(shell, text):
    seen = ""
    async for frame in shell:
        if frame.channel == ShellChannel.STDOUT:
            seen += frame.text
        if text in seen:
            return seen
    raise AssertionError(f"{text!r} never came, but {seen!r}")


async def main():
    client = PlainClient(region=os.environ["AWS_REGION"])
    session, name = str(uuid.uuid4()), "my-shell"
    async with client.open_shell(arn, session_id=session, shell_id=name) as shell:
        assert (shell.session_id, shell.shell_id) == (session, name)
        await shell.resize(100, 40)
        await shell.send("KEPT=value; stty size; id -un\n")
        await until(shell, "40 100\r\nagent\r\n")
    # The connection is gone, the shell is not.
    async with client.open_shell(arn, session_id=session, shell_id=name, auth=PresignedAuth(expires=120)) as shell:
        await shell.send("echo it is $KEPT\n")
        await until(shell, "it is value")
        async with client.open_shell(arn, session_id=session, shell_id=name) as other:
            await other.send("echo and still $KEPT; exit 3\n")
            async for _ in shell:
                pass
            assert shell.kicked
            async for _ in other:
                pass
            assert other.exit_code == 3, other.exit_code
    # A connection that breaks is made again by itself.
    config = ReconnectConfig(max_retries=3, base_delay=0.1)
    async with client.open_shell(arn, session_id=session, reconnect_config=config) as shell:
        await shell.send("KEPT=again; echo re''ady\n")
        await until(shell, "ready")
        broken = shell._ws
        broken.transport.abort()
        asking = asyncio.create_task(until(shell, "it is again"))
        while shell._ws is broken:
            await asyncio.sleep(0.05)
        await shell.send("echo it is $KEPT\n")
        await asking


asyncio.run(asyncio.wait_for(main(), 60))
print("told")

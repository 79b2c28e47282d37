"""The AgentCore SDK for Python as it comes: a WebSocket and a shell at the names of AWS, which lead to Berth.

Called with the ARN of an agent made with that SDK.
"""

import asyncio
import json
import sys
import uuid

import websockets
from bedrock_agentcore.runtime import AgentCoreRuntimeClient, ShellChannel

arn = sys.argv[1]
client = AgentCoreRuntimeClient(region="us-east-1")


async def converse(url, headers):
    async with websockets.connect(url, additional_headers=headers) as connection:
        await connection.send("good day")
        print("WebSocket:", json.loads(await connection.recv())["answer"])


async def main():
    await converse(*client.generate_ws_connection(arn, str(uuid.uuid4()), "DEFAULT"))
    await converse(client.generate_presigned_url(arn, str(uuid.uuid4())), {})
    async with client.open_shell(arn, session_id=str(uuid.uuid4())) as shell:
        await shell.send("echo $((6 * 7)) is the answer\n")
        seen = ""
        async for frame in shell:
            if frame.channel == ShellChannel.STDOUT:
                seen += frame.text
            if "42 is the answer" in seen:
                print("shell: 42 is the answer")
                break


asyncio.run(main())

"""The Python A2A client: card, message, stream."""

import asyncio
import os
import sys
import uuid

import httpx
from a2a.client import A2ACardResolver, ClientConfig, ClientFactory
from a2a.types import Message, Part, Role, SendMessageRequest

sys.path.append(os.path.join(os.path.dirname(__file__), "../fixture"))
from sigv4_httpx import signed_with  # noqa: E402


async def main(url):
    headers = {"X-Amzn-Bedrock-AgentCore-Runtime-Session-Id": str(uuid.uuid4())}
    async with httpx.AsyncClient(auth=signed_with(httpx.Auth), headers=headers, timeout=60) as http:
        card = await A2ACardResolver(http, url).get_agent_card()
        client = ClientFactory(ClientConfig(httpx_client=http, streaming=True)).create(card)
        message = Message(message_id=str(uuid.uuid4()), role=Role.ROLE_USER, parts=[Part(text="how are you")])
        words = []
        async for event in client.send_message(SendMessageRequest(message=message)):
            if event.HasField("artifact_update"):
                words += [part.text for part in event.artifact_update.artifact.parts]
        print(f"{card.name}: {' '.join(words)}")


asyncio.run(main(sys.argv[1]))

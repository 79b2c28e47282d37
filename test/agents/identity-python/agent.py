"""An agent of the AgentCore SDK that asks for credentials with the SDK's own decorators, and streams what comes of it.

{"want": "api-key", "provider": "NAME"}
{"want": "M2M" | "USER_FEDERATION" | "ON_BEHALF_OF_TOKEN_EXCHANGE", "provider": "NAME", "scopes": [...], "options": {...}}

Events: {"authorizationUrl"}, then {"credential"} or {"error"}.
"""

import asyncio

from bedrock_agentcore import BedrockAgentCoreApp
from bedrock_agentcore.identity import requires_access_token, requires_api_key

app = BedrockAgentCoreApp()


@app.entrypoint
async def invoke(payload, context):
    events = asyncio.Queue()

    async def obtain():
        try:
            await events.put({"credential": await credential(payload, events)})
        except Exception as error:
            await events.put({"error": f"{type(error).__name__}: {error}"})

    task = asyncio.create_task(obtain())
    while True:
        event = await events.get()
        yield event
        if "authorizationUrl" not in event:
            break
    await task


async def credential(payload, events):
    provider = payload["provider"]
    if payload["want"] == "api-key":

        @requires_api_key(provider_name=provider)
        async def with_key(*, api_key):
            return api_key

        return await with_key()

    async def tell(url):
        await events.put({"authorizationUrl": url})

    @requires_access_token(
        provider_name=provider,
        auth_flow=payload["want"],
        scopes=payload.get("scopes", []),
        on_auth_url=tell,
        **payload.get("options", {}),
    )
    async def with_token(*, access_token):
        return access_token

    return await with_token()


if __name__ == "__main__":
    app.run()

"""An agent of the AgentCore SDK that asks for credentials with the SDK's own decorators, and streams what comes of it.

{"want": "api-key", "provider": "NAME"}
{"want": "early-key"}: that of the provider `outside-key`, whose decorator has made its client before the first call, as the labs do it
{"want": "M2M" | "USER_FEDERATION" | "ON_BEHALF_OF_TOKEN_EXCHANGE", "provider": "NAME", "scopes": [...], "options": {...}}
{"want": "call", "arn": "ARN", "input": {...}, "options": {...}}: what another agent gets for such an input, called with the role
{"want": "call", "arn": "ARN", "input": {...}, "as": "bearer"}: the same, called with the token that this one was called with

Events: {"authorizationUrl"}, then {"credential"} or {"error"}.
"""

import asyncio
import json
import os
from urllib.parse import quote
from urllib.request import Request, urlopen

from bedrock_agentcore import BedrockAgentCoreApp
from bedrock_agentcore.identity import requires_access_token, requires_api_key
from bedrock_agentcore.runtime import AgentCoreRuntimeClient

app = BedrockAgentCoreApp()


@requires_api_key(provider_name="outside-key")
async def early_key(*, api_key):
    return api_key


@app.entrypoint
async def invoke(payload, context):
    events = asyncio.Queue()

    async def obtain():
        try:
            await events.put({"credential": await credential(payload, context, events)})
        except Exception as error:
            await events.put({"error": f"{type(error).__name__}: {error}"})

    task = asyncio.create_task(obtain())
    while True:
        event = await events.get()
        yield event
        if "authorizationUrl" not in event:
            break
    await task


async def credential(payload, context, events):
    if payload["want"] == "call":
        return await asyncio.to_thread(others_credential, payload, context)
    if payload["want"] == "early-key":
        return await early_key()
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


def others_credential(payload, context):
    arn, body = payload["arn"], json.dumps(payload["input"])
    if payload.get("as") == "bearer":
        endpoint = os.environ["AWS_ENDPOINT_URL_BEDROCK_AGENTCORE"]
        headers = {"Authorization": context.request_headers["Authorization"], "Content-Type": "application/json"}
        answer = urlopen(Request(f"{endpoint}/runtimes/{quote(arn, safe='')}/invocations", body.encode(), headers))
    else:
        client = AgentCoreRuntimeClient(region=os.environ["AWS_REGION"])
        options = payload.get("options", {})
        answer = client.invoke_agent_runtime(agentRuntimeArn=arn, payload=body, **options)["response"]
    event = json.loads(answer.read().decode().removeprefix("data: "))
    if "error" in event:
        raise RuntimeError(event["error"])
    return event["credential"]


if __name__ == "__main__":
    app.run()

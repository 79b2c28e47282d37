"""A Strands agent served by the AgentCore SDK.

{"prompt": "..."}                  answers JSON
{"prompt": "...", "stream": true}  answers word by word as server-sent events

At /ws every message is a prompt, and its answer a message.
"""

from bedrock_agentcore import BedrockAgentCoreApp
from strands import Agent, tool

from scripted_model import ScriptedModel

app = BedrockAgentCoreApp()


@tool
def count_letters(text: str) -> int:
    """Count the letters of a text."""
    return sum(character.isalpha() for character in text)


# One sandbox is one session, so the agent and its conversation belong to one caller.
agent = Agent(model=ScriptedModel(), tools=[count_letters], callback_handler=None)


@app.entrypoint
async def invoke(payload, context):
    prompt = str(payload.get("prompt", ""))
    if payload.get("stream"):
        return words(prompt)
    result = await agent.invoke_async(prompt)
    return {"answer": str(result).strip(), "messages": len(agent.messages), "sessionId": context.session_id}


@app.websocket
async def converse(websocket, context):
    await websocket.accept()
    async for prompt in websocket.iter_text():
        result = await agent.invoke_async(prompt)
        await websocket.send_json({"answer": str(result).strip(), "sessionId": context.session_id})


async def words(prompt):
    async for event in agent.stream_async(prompt):
        if "data" in event:
            yield {"word": event["data"]}


if __name__ == "__main__":
    app.run()

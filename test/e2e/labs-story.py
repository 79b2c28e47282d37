"""What the workshop's first labs do with an agent of the AgentCore SDK: one tool call, turns in a session, a new version."""

import json
import sys
import time
import uuid

import boto3
from botocore.exceptions import ClientError

image = sys.argv[1]
control = boto3.client("bedrock-agentcore-control")
data = boto3.client("bedrock-agentcore")
settings = {
    "agentRuntimeArtifact": {"containerConfiguration": {"containerUri": image}},
    "roleArn": "arn:aws:iam::123456789012:role/service-role/AmazonBedrockAgentCoreRuntime-x1",
    "networkConfiguration": {"networkMode": "PUBLIC"},
}

created = control.create_agent_runtime(agentRuntimeName="strands_agent", **settings)
assert created["ResponseMetadata"]["HTTPStatusCode"] == 202, created
assert created["status"] in ("CREATING", "READY"), created
arn, runtime_id = created["agentRuntimeArn"], created["agentRuntimeId"]


def wait_for(version):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        endpoint = control.get_agent_runtime_endpoint(agentRuntimeId=runtime_id, endpointName="DEFAULT")
        if endpoint["status"] == "READY" and endpoint["liveVersion"] == version:
            return
        time.sleep(0.1)
    raise AssertionError(f"DEFAULT does not serve version {version}")


def invoke(prompt, **more):
    payload = json.dumps({"prompt": prompt})
    answer = data.invoke_agent_runtime(agentRuntimeArn=arn, qualifier="DEFAULT", payload=payload, **more)
    chunks = list(answer["response"])
    return json.loads(chunks[0].decode("utf-8")), answer


wait_for("1")

# Without a session id the SDK sends one of its own; with no content type the agent still gets JSON.
spoken, answer = invoke("How is the weather now?")
assert answer["contentType"] == "application/json", answer
assert len(answer["runtimeSessionId"]) == 36
# The prompt, the call of the tool, its result, the answer: one tool call.
assert spoken["messages"] == 4 and spoken["answer"] == "Your prompt has 18 letters.", spoken
assert spoken["sessionId"] == answer["runtimeSessionId"]

# A conversation grows in its session, at once on its second turn; another session knows nothing of it.
first, second = str(uuid.uuid4()), str(uuid.uuid4())
turns = [invoke("and that plus 34?", runtimeSessionId=first)[0]["messages"] for _ in range(3)]
assert turns == [4, 8, 12], turns
assert invoke("who are you?", runtimeSessionId=second)[0]["messages"] == 4
data.stop_runtime_session(agentRuntimeArn=arn, runtimeSessionId=first)
assert invoke("and now?", runtimeSessionId=first)[0]["messages"] == 4

control.update_agent_runtime(agentRuntimeId=runtime_id, **settings)
wait_for("2")
assert invoke("still there?")[0]["messages"] == 4

control.delete_agent_runtime(agentRuntimeId=runtime_id)
while True:
    try:
        control.get_agent_runtime(agentRuntimeId=runtime_id)
        time.sleep(0.1)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ResourceNotFoundException", error
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 404
        break
print("told")

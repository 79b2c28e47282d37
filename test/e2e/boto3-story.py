"""The main path as a Python user walks it: nothing but boto3 and the environment of `berth env`."""

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
    "roleArn": "arn:aws:iam::000000000000:role/agent",
    "networkConfiguration": {"networkMode": "PUBLIC"},
}


def wait_for(runtime_id, version):
    while True:
        endpoint = control.get_agent_runtime_endpoint(agentRuntimeId=runtime_id, endpointName="DEFAULT")
        assert not endpoint["status"].endswith("FAILED"), endpoint
        if endpoint["status"] == "READY" and endpoint["liveVersion"] == version:
            return
        time.sleep(0.1)


def refusal(call):
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    raise AssertionError("the call was not refused")


created = control.create_agent_runtime(agentRuntimeName="python_story", **settings)
arn, runtime_id = created["agentRuntimeArn"], created["agentRuntimeId"]
wait_for(runtime_id, "1")

# No session id, no content type, no accept: as labs call it.
answer = data.invoke_agent_runtime(agentRuntimeArn=arn, qualifier="DEFAULT", payload=json.dumps({"prompt": "2+2"}))
assert answer["contentType"] == "application/json", answer
assert len(answer["runtimeSessionId"]) == 36
assert json.loads(answer["response"].read())["heard"] == ["2+2"]

# Events arrive while the agent is still working.
session = str(uuid.uuid4())
answer = data.invoke_agent_runtime(
    agentRuntimeArn=arn, runtimeSessionId=session, payload=json.dumps({"stream": 3, "everyMs": 300})
)
assert "text/event-stream" in answer["contentType"]
arrivals = [time.monotonic() for line in answer["response"].iter_lines(chunk_size=10) if line]
assert len(arrivals) == 3 and arrivals[2] - arrivals[0] > 0.4, arrivals

# 95 MB go in and come out; one byte too many does not.
text = "x" * 95_000_000
answer = data.invoke_agent_runtime(
    agentRuntimeArn=arn, runtimeSessionId=session, payload=json.dumps({"prompt": text}).encode()
)
assert json.loads(answer["response"].read())["heard"][0] == text
too_much = b"x" * 100_000_001
assert refusal(lambda: data.invoke_agent_runtime(agentRuntimeArn=arn, payload=too_much)) == "ValidationException"

updated = control.update_agent_runtime(agentRuntimeId=runtime_id, **settings)
assert updated["agentRuntimeVersion"] == "2"
wait_for(runtime_id, "2")
listed = control.get_paginator("list_agent_runtimes").paginate().build_full_result()["agentRuntimes"]
assert [runtime["agentRuntimeVersion"] for runtime in listed if runtime["agentRuntimeId"] == runtime_id] == ["2"]

assert data.stop_runtime_session(agentRuntimeArn=arn, runtimeSessionId=session)["statusCode"] == 200
control.delete_agent_runtime(agentRuntimeId=runtime_id)
while True:
    try:
        control.get_agent_runtime(agentRuntimeId=runtime_id)
        time.sleep(0.1)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ResourceNotFoundException", error
        break
print("told")

"""Commands in a session's sandbox, as a boto3 user runs them."""

import json
import sys
import uuid

import boto3
from botocore.exceptions import ClientError, EventStreamError

arn = sys.argv[1]
data = boto3.client("bedrock-agentcore")
session = str(uuid.uuid4())


def run(command, **body):
    answer = data.invoke_agent_runtime_command(
        agentRuntimeArn=arn,
        runtimeSessionId=session,
        qualifier="DEFAULT",
        contentType="application/json",
        accept="application/vnd.amazon.eventstream",
        body={"command": command, **body},
    )
    assert answer["contentType"] == "application/vnd.amazon.eventstream", answer
    assert answer["runtimeSessionId"] == session
    chunks = [event["chunk"] for event in answer["stream"]]
    assert "contentStart" in chunks[0], chunks
    text = lambda name: "".join(chunk.get("contentDelta", {}).get(name, "") for chunk in chunks)
    return text("stdout"), text("stderr"), chunks[-1]["contentStop"]


# As AWS's own examples write them; the agent's files and variables are there, and so is what one command left.
assert run('/bin/bash -c "echo hi; echo oh >&2; exit 4"') == ("hi\n", "oh\n", {"exitCode": 4, "status": "COMPLETED"})
assert run("id -un; pwd; echo $AWS_REGION; echo kept > /tmp/kept")[0] == "agent\n/app\nus-east-1\n"
assert run("cat /tmp/kept; ls /app")[0] == "kept\nagent.mjs\n"
answer = data.invoke_agent_runtime(agentRuntimeArn=arn, runtimeSessionId=session, payload=json.dumps({"prompt": "hi"}))
assert answer["runtimeSessionId"] == session

stdout, _, stop = run("sleep 1000 & echo started; sleep 1000", timeout=1)
assert (stdout, stop) == ("started\n", {"exitCode": -1, "status": "TIMED_OUT"}), stop

try:
    run("cat /dev/zero")
    raise AssertionError("too much output was passed on")
except EventStreamError as error:
    assert error.response["Error"]["Code"] == "serviceQuotaExceededException", error.response

try:
    run("true", timeout=4000)
    raise AssertionError("a timeout of 4000 seconds was taken")
except ClientError as error:
    assert error.response["Error"]["Code"] == "ValidationException", error
print("told")

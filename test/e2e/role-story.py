# What an agent's own boto3 gets, with nothing configured, as JSON: its credentials, and what comes of calls.
import json
import sys

import boto3
from botocore.exceptions import ClientError


def outcome(call):
    try:
        return {"answer": sorted(call().keys())}
    except ClientError as error:
        return {"code": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}


own, other = sys.argv[1:3]
session = boto3.Session()
credentials = session.get_credentials()
frozen = credentials.get_frozen_credentials()
data = session.client("bedrock-agentcore")
control = session.client("bedrock-agentcore-control")
print(
    json.dumps(
        {
            "method": credentials.method,
            "region": session.region_name,
            "accessKeyId": frozen.access_key,
            "secretAccessKey": frozen.secret_key,
            "sessionToken": frozen.token,
            "own": outcome(lambda: data.get_workload_access_token(workloadName=own)),
            "other": outcome(lambda: data.get_workload_access_token(workloadName=other)),
            "control": outcome(control.list_agent_runtimes),
        }
    )
)

"""WebSockets by the AgentCore SDK for Python and the websockets package, with an agent made with that SDK.

Called with the ARN of its runtime and the endpoint that the SDK is to believe in, since it insists on names of AWS: they stay in
the request while the connection goes to the server. `berth env` has set everything else.
"""

import json
import os
import socket
import sys
import uuid
from urllib.parse import urlparse

arn, os.environ["BEDROCK_AGENTCORE_DP_ENDPOINT"] = sys.argv[1:]

# They read the environment at once.
from bedrock_agentcore.runtime import AgentCoreRuntimeClient  # noqa: E402
from websockets.exceptions import InvalidStatus  # noqa: E402
from websockets.sync.client import connect  # noqa: E402

server = urlparse(os.environ["AWS_ENDPOINT_URL_BEDROCK_AGENTCORE"])


def converse(url, headers, session_id):
    to = socket.create_connection((server.hostname, server.port))
    with connect(url.replace("wss://", "ws://"), sock=to, additional_headers=headers) as connection:
        for prompt, letters in (("good day", 7), ("hi", 2)):
            connection.send(prompt)
            answer = json.loads(connection.recv())
            assert answer == {"answer": f"Your prompt has {letters} letters.", "sessionId": session_id}, answer
        connection.ping().wait()


client = AgentCoreRuntimeClient(region=os.environ["AWS_REGION"])
for _ in range(2):
    session_id = str(uuid.uuid4())
    # Signed headers, among which the session id is not.
    converse(*client.generate_ws_connection(arn, session_id, "DEFAULT"), session_id)
    custom = {"X-Amzn-Bedrock-AgentCore-Runtime-Custom-Colour": "dark red"}
    converse(client.generate_presigned_url(arn, session_id, custom_headers=custom), {}, session_id)
try:
    converse(client.generate_presigned_url(arn, session_id) + "0", {}, session_id)
except InvalidStatus as refusal:
    assert refusal.response.status_code == 403, refusal
    assert refusal.response.headers["x-amzn-errortype"] == "InvalidSignatureException", refusal
else:
    raise AssertionError("a changed URL was taken")
print("told")

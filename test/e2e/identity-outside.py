"""What a developer does with the identity part of the AgentCore SDK for Python, outside Berth, where `berth env` leads it.

Reads {"apiKey", "oauth": {"clientId", "clientSecret", "discoveryUrl"}, "consents", "userToken"} from standard input, `consents`
being a provider that sends users back here. Writes lines of JSON: {"authorizationUrl", "returnUrl"}, to which a user is to go,
and in the end what it got. The SDK writes lines of its own between them.
"""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from bedrock_agentcore.identity import requires_access_token, requires_api_key
from bedrock_agentcore.runtime import BedrockAgentCoreContext
from bedrock_agentcore.services.identity import IdentityClient, UserIdIdentifier
from botocore.exceptions import ClientError

given = json.load(sys.stdin)
client = IdentityClient(os.environ["AWS_REGION"])
client.create_api_key_credential_provider({"name": "made-in-python", "apiKey": given["apiKey"]})
client.create_oauth2_credential_provider(
    {
        "name": "made-in-python",
        "credentialProviderVendor": "CustomOauth2",
        "oauth2ProviderConfigInput": {
            "customOauth2ProviderConfig": {
                "clientId": given["oauth"]["clientId"],
                "clientSecret": given["oauth"]["clientSecret"],
                "oauthDiscovery": {"discoveryUrl": given["oauth"]["discoveryUrl"]},
                "onBehalfOfTokenExchangeConfig": {
                    "grantType": "TOKEN_EXCHANGE",
                    "tokenExchangeGrantTypeConfig": {"actorTokenContent": "NONE"},
                },
            }
        },
    }
)


@requires_api_key(provider_name="made-in-python")
def key(*, api_key):
    return api_key


def token(provider, flow, **options):
    @requires_access_token(provider_name=provider, auth_flow=flow, **options)
    def with_token(*, access_token):
        return access_token

    return with_token()


got = {"apiKey": key(), "m2m": token("made-in-python", "M2M", scopes=["read"])}
# The first decorated call has made both.
local = json.loads(Path(".agentcore.json").read_text())


class Application(BaseHTTPRequestHandler):
    """Where users come back to: it knows who they are."""

    def do_GET(self):
        session = parse_qs(urlsplit(self.path).query).get("session_id")
        if session is not None:
            client.complete_resource_token_auth(session[0], UserIdIdentifier(user_id=local["user_id"]))
        self.send_response(200 if session else 404)
        self.end_headers()

    def log_message(self, *_):
        pass


application = HTTPServer(("127.0.0.1", 0), Application)
threading.Thread(target=application.serve_forever, daemon=True).start()
return_url = f"http://127.0.0.1:{application.server_port}/back"
client.update_workload_identity(local["workload_identity_name"], [return_url])

asked = []


def ask(url):
    asked.append(url)
    print(json.dumps({"authorizationUrl": url, "returnUrl": return_url}), flush=True)


wish = {"scopes": ["openid", "read"], "on_auth_url": ask, "callback_url": return_url}
got["consented"] = token(given["consents"], "USER_FEDERATION", **wish)
got["again"] = token(given["consents"], "USER_FEDERATION", **wish)
got["asked"] = len(asked)

# As an agent server of one's own does with the token of whoever calls it.
workload_token = client.get_workload_access_token(local["workload_identity_name"], user_token=given["userToken"])
BedrockAgentCoreContext.set_workload_access_token(workload_token["workloadAccessToken"])
got["exchanged"] = token("made-in-python", "ON_BEHALF_OF_TOKEN_EXCHANGE", scopes=["read"])

client.delete_api_key_credential_provider(name="made-in-python")
try:
    key()
except ClientError as error:
    got["deleted"] = error.response["Error"]["Code"]
print(json.dumps(got), flush=True)

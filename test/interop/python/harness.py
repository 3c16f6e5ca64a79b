"""What the tests share: the simulator and its control side, and the SDKs with nothing set but what a customer could set."""

import json
import os
import ssl
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
import msal
from azure.core.credentials import AccessToken
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.graph_request_adapter import options
from msgraph_core import GraphClientFactory

ORIGIN = os.environ["SIMULATOR_ORIGIN"]
CA_FILE = os.environ["SIMULATOR_CA_FILE"]
TENANT = json.loads(os.environ["SIMULATOR_TENANT"])
APP_SCOPES = ["https://graph.microsoft.com/.default"]
TRUST = ssl.create_default_context(cafile=CA_FILE)


def control(method, path, body=None):
    answer = httpx.request(method, f"{ORIGIN}/_simulator{path}", json=body, verify=TRUST)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def in_tenant(method, path, body=None):
    return control(method, f"/tenants/{TENANT['tenantId']}{path}", body)


def truth():
    """Everybody who is or was in the tenant, as they truly are."""
    return in_tenant("GET", "/truth?top=100000")["users"]


def living():
    return [user for user in truth() if user["deletedDateTime"] is None]


def an_employee():
    return next(user for user in living() if user["accountEnabled"] and user["userType"] == "Member")


def create_app(secret=TENANT["clientSecret"]):
    # MSAL for Python has no list of known authorities: one's own is known by not asking Microsoft about it.
    return msal.ConfidentialClientApplication(
        TENANT["clientId"],
        client_credential=secret,
        authority=f"{ORIGIN}/{TENANT['tenantId']}",
        instance_discovery=False,
        verify=CA_FILE,
    )


class MsalCredential:
    """What azure-identity's credentials are to the SDK, on plain MSAL."""

    def __init__(self, acquire):
        self.acquire = acquire

    def get_token(self, *scopes, **_options):
        result = self.acquire(list(scopes))
        if "access_token" not in result:
            raise PermissionError(result["error_description"])
        return AccessToken(result["access_token"], result["expires_in"])


def create_graph(credential=None, scopes=APP_SCOPES):
    """The SDK's client; it acts for the app itself unless it is given another credential. Close with `close_graph`."""
    app = create_app()
    credential = credential or MsalCredential(lambda wanted: app.acquire_token_for_client(scopes=wanted))
    provider = AzureIdentityAuthenticationProvider(credential, scopes=list(scopes), allowed_hosts=["localhost"])
    client = GraphClientFactory.create_with_default_middleware(client=httpx.AsyncClient(verify=TRUST), options=options)
    adapter = GraphRequestAdapter(provider, client)
    adapter.base_url = f"{ORIGIN}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


async def close_graph(graph):
    await graph.request_adapter._http_client.aclose()


@dataclass
class Form:
    action: str
    fields: dict = field(default_factory=dict)
    buttons: list = field(default_factory=list)


class FormReader(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.forms = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.forms.append(Form(given["action"]))
        elif tag == "input" and given.get("type") in ("hidden", "search"):
            self.forms[-1].fields[given["name"]] = given.get("value") or ""
        elif tag == "button" and "name" in given:
            self.forms[-1].buttons.append((given["name"], given["value"]))


class Browser:
    """Follows redirects, keeps cookies, fills in forms and presses their buttons, until it is sent back to the app."""

    def __init__(self):
        self.client = httpx.Client(verify=TRUST)
        self.url = ORIGIN
        self.text = ""

    def go(self, method, address, form=None):
        self.url = urljoin(self.url, address)
        while self.url.startswith(f"{ORIGIN}/"):
            answer = self.client.request(method, self.url, data=form)
            self.text = answer.text
            if "location" not in answer.headers:
                answer.raise_for_status()
                return
            self.url = urljoin(self.url, answer.headers["location"])
            method, form = "GET", None

    def search(self, text):
        self.go("GET", f"{urlsplit(self.url).path}?search={text}")

    def press(self, name, value):
        form = next(form for form in FormReader(self.text).forms if (name, value) in form.buttons)
        self.go("POST", form.action, {**form.fields, name: value})

    def close(self):
        self.client.close()


def walk_pages(address, person, decision="accept"):
    """Signs the person in over the pages; gives what the app is told in the end."""
    browser = Browser()
    try:
        browser.go("GET", address)
        browser.search(person["userPrincipalName"])
        browser.press("user", person["id"])
        if browser.url.startswith(f"{ORIGIN}/"):
            browser.press("decision", decision)
        return browser.url, dict(parse_qsl(urlsplit(browser.url).query))
    finally:
        browser.close()

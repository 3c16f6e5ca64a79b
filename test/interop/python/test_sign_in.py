import unittest

from azure.identity import ClientSecretCredential
from harness import (
    APP_SCOPES,
    CA_FILE,
    ORIGIN,
    TENANT,
    MsalCredential,
    an_employee,
    close_graph,
    create_app,
    create_graph,
    walk_pages,
)

BACK = "http://localhost:4000/oauth2callback/microsoft"
SCOPES = ["User.Read"]


class SigningIn(unittest.TestCase):
    def test_client_credentials_give_a_token_that_msal_then_keeps(self):
        app = create_app()
        first = app.acquire_token_for_client(scopes=APP_SCOPES)
        self.assertEqual((first["token_type"], first["token_source"]), ("Bearer", "identity_provider"))
        again = app.acquire_token_for_client(scopes=APP_SCOPES)
        self.assertEqual((again["access_token"], again["token_source"]), (first["access_token"], "cache"))

    def test_a_wrong_secret_is_refused_with_its_number(self):
        result = create_app("wrong").acquire_token_for_client(scopes=APP_SCOPES)
        self.assertEqual((result["error"], result["error_codes"]), ("invalid_client", [7000215]))

    def test_azure_identity_gets_a_token_too(self):
        credential = ClientSecretCredential(
            TENANT["tenantId"],
            TENANT["clientId"],
            TENANT["clientSecret"],
            authority=ORIGIN,
            disable_instance_discovery=True,
            connection_verify=CA_FILE,
        )
        with credential:
            self.assertNotEqual(credential.get_token(*APP_SCOPES).token, "")

    def test_the_code_of_a_walk_over_the_pages_signs_that_person_in(self):
        person = an_employee()
        result = self.sign_in(create_app(), person)
        claims = result["id_token_claims"]
        self.assertEqual(
            (claims["oid"], claims["tid"], claims["preferred_username"]),
            (person["id"], TENANT["tenantId"], person["userPrincipalName"]),
        )
        self.assertIn("User.Read", result["scope"])

    def test_a_refusal_comes_back_as_access_denied(self):
        app = create_app()
        flow = app.initiate_auth_code_flow(["User.ReadBasic.All"], redirect_uri=BACK, prompt="consent")
        _, told = walk_pages(flow["auth_uri"], an_employee(), "refuse")
        self.assertEqual(app.acquire_token_by_auth_code_flow(flow, told)["error"], "access_denied")

    def test_the_refresh_token_gives_another_access_token_and_another_of_itself(self):
        app = create_app()
        first = self.sign_in(app, an_employee())
        [account] = app.get_accounts()
        renewed = app.acquire_token_silent(SCOPES, account, force_refresh=True)
        self.assertEqual(renewed["token_source"], "identity_provider")
        self.assertNotEqual(renewed["access_token"], first["access_token"])
        self.assertNotEqual(renewed["refresh_token"], first["refresh_token"])

    def sign_in(self, app, person):
        flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=BACK, prompt="select_account")
        address, told = walk_pages(flow["auth_uri"], person)
        self.assertEqual(address.split("?")[0], BACK)
        result = app.acquire_token_by_auth_code_flow(flow, told)
        self.assertNotIn("error", result, result.get("error_description"))
        return result


class ActingForAPerson(unittest.IsolatedAsyncioTestCase):
    async def test_me_is_the_person_who_signed_in(self):
        person = an_employee()
        app = create_app()
        SigningIn().sign_in(app, person)
        [account] = app.get_accounts()
        graph = create_graph(MsalCredential(lambda scopes: app.acquire_token_silent(scopes, account)), SCOPES)
        self.addAsyncCleanup(close_graph, graph)
        me = await graph.me.get()
        self.assertEqual((me.id, me.display_name), (person["id"], person["displayName"]))

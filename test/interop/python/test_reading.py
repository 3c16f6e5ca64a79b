import json
import unittest

from harness import TENANT, an_employee, close_graph, control, create_graph, in_tenant, living, truth
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.groups.delta.delta_request_builder import DeltaRequestBuilder as GroupsDelta
from msgraph.generated.groups.item.transitive_members.graph_user.graph_user_request_builder import (
    GraphUserRequestBuilder,
)
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.reports.authentication_methods.user_registration_details.user_registration_details_request_builder import (
    UserRegistrationDetailsRequestBuilder as MfaReport,
)
from msgraph.generated.users.count.count_request_builder import CountRequestBuilder
from msgraph.generated.users.delta.delta_request_builder import DeltaRequestBuilder as UsersDelta
from msgraph.generated.users.item.check_member_groups.check_member_groups_post_request_body import (
    CheckMemberGroupsPostRequestBody,
)
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from msgraph_core.tasks.page_iterator import PageIterator

NOBODY = "00000000-0000-4000-8000-000000000000"
EVENTUAL = {"ConsistencyLevel": "eventual"}


def ask(query=None, headers=None):
    configuration = RequestConfiguration(query_parameters=query)
    for name, value in (headers or {}).items():
        configuration.headers.add(name, value)
    return configuration


def ids(rows):
    # The SDK makes a UUID of what looks like one, where its types have no place for it.
    return sorted(str(row["id"]) if isinstance(row, dict) else row.id for row in rows)


class Reading(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.graph = create_graph()
        self.addAsyncCleanup(close_graph, self.graph)

    async def collect(self, first, headers=None):
        rows = []
        pages = PageIterator(first, self.graph.request_adapter)
        for name, value in (headers or {}).items():
            pages.headers.add(name, value)
        await pages.iterate(lambda row: rows.append(row) or True)
        return rows

    async def follow(self, delta, first):
        """All rows of a delta query and its deltaLink. The SDK's page iterator ends at an empty page, and loses the link."""
        rows, pages, page = list(first.value), 1, first
        while page.odata_next_link:
            page = await delta.with_url(page.odata_next_link).get()
            rows += page.value
            pages += 1
        self.assertIsNotNone(page.odata_delta_link)
        return rows, page.odata_delta_link, pages

    async def test_a_person_has_the_properties_that_were_selected(self):
        person = an_employee()
        query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(select=["id", "accountEnabled", "department"])
        found = await self.graph.users.by_user_id(person["id"]).get(ask(query))
        self.assertEqual((found.account_enabled, found.department), (True, person["department"]))
        self.assertIsNone(found.display_name)

    async def test_a_missing_person_is_an_error_of_the_sdk_with_its_code(self):
        with self.assertRaises(ODataError) as raised:
            await self.graph.users.by_user_id(NOBODY).get()
        error = raised.exception
        self.assertEqual((error.response_status_code, error.error.code), (404, "Request_ResourceNotFound"))
        self.assertIsNotNone(error.error.inner_error.request_id)

    async def test_the_page_iterator_gives_everyone_once(self):
        query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(select=["id"], top=99)
        first = await self.graph.users.get(ask(query))
        self.assertEqual(len(first.value), 99)
        self.assertEqual(ids(await self.collect(first)), ids(living()))

    async def test_the_count_is_that_of_the_living(self):
        query = CountRequestBuilder.CountRequestBuilderGetQueryParameters()
        self.assertEqual(await self.graph.users.count.get(ask(query, EVENTUAL)), len(living()))

    async def test_a_filter_finds_the_disabled(self):
        query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(filter="accountEnabled eq false")
        found = await self.collect(await self.graph.users.get(ask(query)))
        self.assertEqual(ids(found), ids(user for user in living() if not user["accountEnabled"]))

    async def test_transitive_members_cast_to_users_are_those_in_the_group(self):
        query = GraphUserRequestBuilder.GraphUserRequestBuilderGetQueryParameters(select=["id"], top=50, count=True)
        members = self.graph.groups.by_group_id(TENANT["groupId"]).transitive_members.graph_user
        first = await members.get(ask(query, EVENTUAL))
        expected = [user for user in truth() if user["inGroup"]]
        self.assertEqual(first.odata_count, len(expected))
        self.assertEqual(ids(await self.collect(first, EVENTUAL)), ids(expected))

    async def test_check_member_groups_names_the_group_of_a_member(self):
        member = next(user for user in truth() if user["inGroup"])
        body = CheckMemberGroupsPostRequestBody(group_ids=[TENANT["groupId"]])
        answer = await self.graph.users.by_user_id(member["id"]).check_member_groups.post(body)
        self.assertEqual(answer.value, [TENANT["groupId"]])

    async def test_a_batch_answers_each_part_with_its_own_status(self):
        person = an_employee()
        known = BatchRequestItem(self.graph.users.by_user_id(person["id"]).to_get_request_information(), id="known")
        missing = BatchRequestItem(self.graph.users.by_user_id(NOBODY).to_get_request_information(), id="missing")
        batch = BatchRequestContent({"known": known, "missing": missing})
        answer = await self.graph.batch.post(batch)
        self.assertEqual(answer.get_response_status_codes(), {"known": 200, "missing": 404})

        # The SDK's JSON reader drops bodies that are objects (kiota 1.16), so the bodies are read from the text.
        call = await self.graph.batch.to_post_request_information(batch)
        text = await self.graph.request_adapter.send_primitive_async(call, "bytes", {})
        bodies = {part["id"]: part["body"] for part in json.loads(text)["responses"]}
        self.assertEqual(bodies["known"]["displayName"], person["displayName"])
        self.assertEqual(bodies["missing"]["error"]["code"], "Request_ResourceNotFound")

    async def test_a_throttled_call_is_repeated_by_the_sdk_when_it_may(self):
        rule = {"type": "error", "status": 429, "retryAfter": 1, "path": "/users", "count": 1}
        control("PUT", "/faults", {"seed": 1, "rules": [rule]})
        self.addCleanup(control, "DELETE", "/faults")
        query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(top=1)
        self.assertEqual(len((await self.graph.users.get(ask(query))).value), 1)

    async def test_users_delta_goes_to_the_end_and_afterwards_tells_changes_only(self):
        query = UsersDelta.DeltaRequestBuilderGetQueryParameters(select=["displayName", "accountEnabled"])
        delta = self.graph.users.delta
        rows, link, pages = await self.follow(delta, await delta.get(ask(query)))
        self.assertGreater(pages, 2)
        self.assertEqual(sorted({row.id for row in rows if "@removed" not in row.additional_data}), ids(living()))

        renamed = an_employee()
        in_tenant("PATCH", f"/users/{renamed['id']}", {"displayName": "Renamed by the test"})
        deleted = in_tenant("POST", "/users", {"displayName": "Soon gone"})
        in_tenant("DELETE", f"/users/{deleted['id']}")
        rows, link, _ = await self.follow(delta, await delta.with_url(link).get())
        told = {row.id: row for row in rows}
        self.assertEqual(sorted(told), sorted([renamed["id"], deleted["id"]]))
        self.assertEqual(told[renamed["id"]].display_name, "Renamed by the test")
        self.assertEqual(told[deleted["id"]].additional_data["@removed"], {"reason": "changed"})

        rows, _, _ = await self.follow(delta, await delta.with_url(link).get())
        self.assertEqual(rows, [])

    async def test_groups_delta_tells_members_and_then_who_entered_and_left(self):
        query = GroupsDelta.DeltaRequestBuilderGetQueryParameters(select=["displayName", "members"])
        delta = self.graph.groups.delta
        rows, link, _ = await self.follow(delta, await delta.get(ask(query)))
        chosen = in_tenant("GET", f"/groups/{TENANT['groupId']}")
        members = [member for row in rows if row.id == TENANT["groupId"] for member in self.members_of(row)]
        self.assertEqual(ids(members), ids(chosen["members"]))

        leaving = next(member["id"] for member in chosen["members"] if member["type"] == "user")
        in_tenant("DELETE", f"/groups/{TENANT['groupId']}/members/{leaving}")
        entering = in_tenant("POST", "/users", {"displayName": "New here", "inGroup": True})
        rows, _, _ = await self.follow(delta, await delta.with_url(link).get())
        told = {str(member["id"]): member.get("@removed") for row in rows for member in self.members_of(row)}
        self.assertEqual(told, {leaving: {"reason": "deleted"}, entering["id"]: None})

    def members_of(self, group):
        return group.additional_data.get("members@delta", [])

    async def test_the_mfa_report_has_a_row_for_everyone_enabled(self):
        query = MfaReport.UserRegistrationDetailsRequestBuilderGetQueryParameters(top=100)
        first = await self.graph.reports.authentication_methods.user_registration_details.get(ask(query))
        self.assertIsNotNone(first.odata_next_link)
        rows = await self.collect(first)
        expected = {user["id"]: user["mfa"] for user in living() if user["mfa"] is not None}
        self.assertEqual(ids(rows), sorted(expected))
        for row in rows:
            true = expected[row.id]
            self.assertEqual(
                (row.is_mfa_registered, row.is_mfa_capable, row.methods_registered),
                (true["isMfaRegistered"], true["isMfaCapable"], true["methods"]),
            )

import json
import unittest
from datetime import datetime, timedelta, timezone

from harness import TENANT, an_employee, close_graph, create_graph, in_tenant
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.subscription import Subscription
from receiver import Receiver


def from_now(minutes):
    return datetime.now(timezone.utc).replace(microsecond=0) + timedelta(minutes=minutes)


class Subscribing(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.graph = create_graph()
        self.addAsyncCleanup(close_graph, self.graph)
        self.receiver = Receiver()
        self.addCleanup(self.receiver.close)

    async def subscribe(self, resource, path="/notifications"):
        created = await self.graph.subscriptions.post(
            Subscription(
                change_type="updated,deleted",
                notification_url=f"{self.receiver.origin}{path}",
                lifecycle_notification_url=f"{self.receiver.origin}/lifecycle",
                resource=resource,
                expiration_date_time=from_now(60),
                client_state="a-secret",
            )
        )
        self.addAsyncCleanup(self.end, created.id)
        return created

    async def end(self, subscription_id):
        try:
            await self.graph.subscriptions.by_subscription_id(subscription_id).delete()
        except ODataError as error:
            self.assertEqual(error.response_status_code, 404)

    async def test_a_subscription_is_created_after_both_addresses_answered(self):
        created = await self.subscribe("users")
        self.assertEqual(sorted(self.receiver.handshakes), ["/lifecycle", "/notifications"])
        self.assertEqual((created.resource, created.application_id), ("users", TENANT["clientId"]))
        listed = await self.graph.subscriptions.get()
        self.assertIn(created.id, [subscription.id for subscription in listed.value])

    async def test_an_address_that_echoes_nothing_is_refused(self):
        self.receiver.mute = True
        with self.assertRaises(ODataError) as raised:
            await self.subscribe("users")
        error = raised.exception
        self.assertEqual((error.response_status_code, error.error.code), (400, "InvalidRequest"))

    async def test_a_change_is_told_to_the_address_of_the_subscription(self):
        created = await self.subscribe("users")
        person = an_employee()
        in_tenant("PATCH", f"/users/{person['id']}", {"jobTitle": "Told by notification"})
        path, body = self.receiver.wait_for(person["id"])
        self.assertEqual(path, "/notifications")
        told = next(item for item in json.loads(body)["value"] if item["resource"] == f"Users/{person['id']}")
        self.assertEqual(
            (told["changeType"], told["subscriptionId"], told["clientState"], told["tenantId"]),
            ("updated", created.id, "a-secret", TENANT["tenantId"]),
        )
        self.assertEqual(datetime.fromisoformat(told["subscriptionExpirationDateTime"]), created.expiration_date_time)

    async def test_a_subscription_is_renewed_and_then_ends_when_it_is_deleted(self):
        created = await self.subscribe(f"groups/{TENANT['groupId']}")
        own = self.graph.subscriptions.by_subscription_id(created.id)
        later = from_now(24 * 60)
        renewed = await own.patch(Subscription(expiration_date_time=later))
        self.assertEqual(renewed.expiration_date_time, later)
        await own.reauthorize.post()
        self.assertEqual((await own.get()).expiration_date_time, later)
        await own.delete()
        with self.assertRaises(ODataError) as raised:
            await own.get()
        self.assertEqual(raised.exception.response_status_code, 404)

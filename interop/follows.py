"""The official Python SDK against contentlibd, over JSON-RPC: a library is published, and another one follows it.

In: the server's root URL, user and password on the command line. Out: as of `checks.py`.
The steps are those of the SDK's sample for publishing and subscribing; both libraries are on one server, and meet over
its published addresses as those of two would. The server has to be allowed to fetch from itself.
"""

import sys
import uuid

import requests
from checks import login, logout, run
from com.vmware.content.library_client import (
    ItemModel,
    PublishInfo,
    StorageBacking,
    SubscribedItem,
    SubscriptionInfo,
)
from com.vmware.content_client import LibraryModel, SubscribedLibrary
from com.vmware.vapi.std.errors_client import (
    InvalidElementConfiguration,
    InvalidElementType,
    ResourceInaccessible,
)
from flows import Flows, until

PASSWORD = "a password of followers"
STATUSES = SubscribedLibrary.ProbeResult.Status


class Follows(Flows):
    """The services of one login, with those of followers."""

    def __init__(self, checks, stub):
        super().__init__(checks, stub)
        self.subscribed, self.subscribed_items = SubscribedLibrary(stub), SubscribedItem(stub)

    def model(self, name, **kwargs):
        backing = StorageBacking(type=StorageBacking.Type.DATASTORE, datastore_id="datastore-1")
        return LibraryModel(name=name, storage_backings=[backing], **kwargs)

    def fill(self, item_id, **contents):
        session_id = self.new_session(item_id)
        for name, data in contents.items():
            self.push(session_id, name, data)
        self.checks.equal("the publisher's session", self.complete(session_id), "DONE")

    def publish(self):
        checks = self.checks
        info = PublishInfo(published=True, authentication_method=PublishInfo.AuthenticationMethod.BASIC, password=PASSWORD)
        library_id = self.local.create(
            self.model("published", type=LibraryModel.LibraryType.LOCAL, publish_info=info), client_token=str(uuid.uuid4()))
        got = self.local.get(library_id).publish_info
        checks.equal("published: who may follow", (got.authentication_method, got.user_name, got.password), ("BASIC", "vcsp", None))
        checks.that("published: where", got.publish_url.endswith(f"/cls/vcsp/lib/{library_id}/lib.json"))
        checks.equal("published: not for everybody", requests.get(got.publish_url).status_code, 401)
        reply = requests.get(got.publish_url, auth=("vcsp", PASSWORD))
        checks.equal("published: lib.json", (reply.status_code, reply.json()["vcspVersion"]), (200, "2"))
        return library_id, got.publish_url

    def subscription(self, url, on_demand, password=PASSWORD):
        return SubscriptionInfo(
            subscription_url=url, authentication_method=SubscriptionInfo.AuthenticationMethod.BASIC, user_name="vcsp",
            password=password, on_demand=on_demand, automatic_sync_enabled=False)

    def probe(self, url):
        checks = self.checks
        for name, info, status in (
                ("right", self.subscription(url, True), STATUSES.SUCCESS),
                ("another password", self.subscription(url, True, "another"), STATUSES.INVALID_CREDENTIALS),
                ("another library", self.subscription(url.replace("/lib/", "/lib/x"), True), STATUSES.RESOURCE_NOT_FOUND),
                ("no library", self.subscription("nonsense://x", True), STATUSES.INVALID_URL)):
            result = self.subscribed.probe(info)
            checks.equal(f"probe: {name}", result.status, status)
            checks.equal(f"probe: {name}: words", bool(result.error_messages), status != STATUSES.SUCCESS)
        wrong = self.model("x", type=LibraryModel.LibraryType.SUBSCRIBED, subscription_info=self.subscription(url, True, "another"))
        checks.raises("a follower with another password", ResourceInaccessible, lambda: self.subscribed.create(wrong))

    def subscribe(self, url, on_demand):
        model = self.model(
            "follower", type=LibraryModel.LibraryType.SUBSCRIBED, subscription_info=self.subscription(url, on_demand))
        return self.subscribed.create(model, client_token=str(uuid.uuid4()))

    def sync(self, library_id):
        before = self.subscribed.get(library_id).last_sync_time
        self.subscribed.sync(library_id)
        got = until(lambda: self.subscribed.get(library_id), lambda library: library.last_sync_time != before)
        self.checks.that("sync: it ends", got.last_sync_time != before)

    def follow(self, theirs, url):
        """As the sample compares both sides, once wholly and once on demand."""
        checks = self.checks
        item_id = self.new_item(theirs, "image")
        self.fill(item_id, one=b"first", two=b"second")
        ours = self.subscribe(url, False)
        self.sync(ours)
        [copy] = self.items.list(ours)
        compare = lambda: self.same(item_id, copy)
        compare()
        checks.equal("follower: its files", self.names(copy), ["one", "two"])
        checks.raises("follower: no session", InvalidElementType, lambda: self.new_session(copy))
        checks.raises("follower: no items of its own", InvalidElementType, lambda: self.new_item(ours, "x"))
        checks.raises("follower: nothing to evict", InvalidElementConfiguration, lambda: self.subscribed_items.evict(copy))
        self.fill(item_id, two=b"replaced", three=b"new")
        self.items.update(item_id, ItemModel(description="changed"))
        self.sync(ours)
        compare()
        checks.equal("follower: its files after the change", self.names(copy), ["one", "three", "two"])
        self.subscribed.delete(ours)
        return item_id

    def same(self, their_id, our_id):
        theirs, ours = self.items.get(their_id), self.items.get(our_id)
        self.checks.equal("follower: source_id", ours.source_id, their_id)
        for field in ("name", "description", "type", "size", "metadata_version", "content_version"):
            self.checks.equal(f"follower: {field}", getattr(ours, field), getattr(theirs, field))
        self.checks.equal("follower: cached", ours.cached, True)

    def on_demand(self, item_id, url):
        checks, ours = self.checks, self.subscribe(url, True)
        self.sync(ours)
        [copy] = self.items.list(ours)
        got = self.items.get(copy)
        checks.equal("on demand: nothing is here", (got.cached, got.size), (False, 0))
        checks.equal("on demand: names are", self.names(copy), ["one", "three", "two"])
        self.subscribed_items.sync(copy, force_sync_content=True)
        got = until(lambda: self.items.get(copy), lambda item: item.cached)
        checks.equal("on demand: everything is here", (got.cached, got.size), (True, self.items.get(item_id).size))
        self.subscribed_items.evict(copy)
        checks.equal("on demand: nothing is here again", self.items.get(copy).cached, False)
        self.items.delete(item_id)
        self.sync(ours)
        checks.equal("on demand: what is gone there is gone here", self.items.list(ours), [])
        self.subscribed.delete(ours)


def steps(checks, url, user, password):
    stub, _ = login(checks, url, user, password)
    follows = Follows(checks, stub)
    theirs, publish_url = follows.publish()
    follows.probe(publish_url)
    follows.on_demand(follows.follow(theirs, publish_url), publish_url)
    follows.local.delete(theirs)
    logout(checks, stub)


if __name__ == "__main__":
    sys.exit(run(steps))

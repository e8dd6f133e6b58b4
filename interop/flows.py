"""The official Python SDK against contentlibd, over JSON-RPC: libraries, items, and bytes that come and go.

In: the server's root URL, user and password on the command line. Out: as of `checks.py`.
Bytes are sent as the SDK's samples send them: by PUT or POST to the address of the file, without a login.
Not here: following a published library (`follows.py`), and files that the server fetches itself.
"""

import hashlib
import sys
import time
import uuid

import requests
from checks import login, logout, run
from com.vmware.content.library.item.downloadsession_client import File as DownloadFile
from com.vmware.content.library.item.updatesession_client import File as SessionFile
from com.vmware.content.library.item_client import (
    DownloadSession,
    DownloadSessionModel,
    File,
    Storage,
    TransferStatus,
    UpdateSession,
    UpdateSessionModel,
)
from com.vmware.content.library_client import Item, ItemModel, StorageBacking
from com.vmware.content_client import Library, LibraryModel, LocalLibrary
from com.vmware.vapi.std.errors_client import (
    AlreadyExists,
    InvalidArgument,
    NotAllowedInCurrentState,
    NotFound,
    ResourceBusy,
)

# How long a test waits for what the server does by itself; it takes milliseconds.
PATIENCE_S = 30
STATES = UpdateSessionModel.State
DESCRIPTOR = b"""<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
<References>
<File ovf:id="f1" ovf:href="disk-0.vmdk" ovf:size="6"/>
<File ovf:id="f2" ovf:href="nvram-0.nvram"/>
</References>
</Envelope>"""


def until(ask, holds):
    """The first answer that is as wanted, or the last one when the time is over."""
    end = time.monotonic() + PATIENCE_S
    while True:
        got = ask()
        if holds(got) or time.monotonic() > end:
            return got
        time.sleep(0.02)


def sha256(data):
    return File.ChecksumInfo(algorithm=File.ChecksumAlgorithm.SHA256, checksum=hashlib.sha256(data).hexdigest())


class Flows:
    """The services of one login, and the checks that count what they answer."""

    def __init__(self, checks, stub):
        self.checks = checks
        self.libraries, self.local = Library(stub), LocalLibrary(stub)
        self.items, self.item_files, self.storage = Item(stub), File(stub), Storage(stub)
        self.updates, self.files = UpdateSession(stub), SessionFile(stub)
        self.downloads, self.download_files = DownloadSession(stub), DownloadFile(stub)

    def new_item(self, library_id, name, type_name=None):
        model = ItemModel(library_id=library_id, name=name, type=type_name)
        return self.items.create(model, client_token=str(uuid.uuid4()))

    def new_session(self, item_id):
        return self.updates.create(UpdateSessionModel(library_item_id=item_id), client_token=str(uuid.uuid4()))

    def add(self, session_id, name, data, checksum=None):
        spec = SessionFile.AddSpec(
            name=name, source_type=SessionFile.SourceType.PUSH, size=len(data), checksum_info=checksum)
        return self.files.add(session_id, spec)

    def settled(self, session_id, name):
        """The file, once the server has looked at it."""
        waits = (TransferStatus.TRANSFERRING, TransferStatus.VALIDATING)
        return until(lambda: self.files.get(session_id, name), lambda file: file.status not in waits)

    def push(self, session_id, name, data, send=requests.put):
        """Adds a file and sends it; what has become of it."""
        uri = self.add(session_id, name, data, sha256(data)).upload_endpoint.uri
        self.checks.equal(f"{name} is taken", send(uri, data=data).status_code, 200)
        return self.settled(session_id, name)

    def complete(self, session_id):
        """Completes and deletes a session; its last state."""
        self.updates.complete(session_id)
        got = until(lambda: self.updates.get(session_id), lambda session: session.state != STATES.ACTIVE)
        self.updates.delete(session_id)
        return got.state

    def names(self, item_id):
        return sorted(file.name for file in self.item_files.list(item_id))

    def library(self):
        checks = self.checks
        backing = StorageBacking(type=StorageBacking.Type.DATASTORE, datastore_id="datastore-1")
        model = LibraryModel(name="flows", description="first", type=LibraryModel.LibraryType.LOCAL, storage_backings=[backing])
        token = str(uuid.uuid4())
        library_id = self.local.create(model, client_token=token)
        checks.equal("the same token makes no second library", self.local.create(model, client_token=token), library_id)
        got = self.local.get(library_id)
        checks.equal("library: name", (got.id, got.name, got.type), (library_id, "flows", "LOCAL"))
        checks.equal("library: backing", got.storage_backings[0].datastore_id, "datastore-1")
        self.local.update(library_id, LibraryModel(description="second"))
        changed = self.local.get(library_id)
        checks.equal("library: a new description", (changed.name, changed.description), ("flows", "second"))
        checks.that("library: its version grew", int(changed.version) > int(got.version))
        checks.equal("library: found by name", self.libraries.find(Library.FindSpec(name="flows")), [library_id])
        checks.equal("library: listed", (self.local.list(), self.libraries.list()), ([library_id], [library_id]))
        return library_id

    def import_item(self, library_id):
        checks, data = self.checks, b"first bytes"
        item_id = self.new_item(library_id, "image", "iso-like")
        checks.raises("a second item of that name", AlreadyExists, lambda: self.new_item(library_id, "image"))
        checks.equal("an item without files", self.names(item_id), [])
        session_id = self.new_session(item_id)
        info = self.add(session_id, "a disk.img", data, sha256(data))
        checks.equal("added: it waits", info.status, TransferStatus.WAITING_FOR_TRANSFER)
        checks.raises("validate before the bytes are there", NotAllowedInCurrentState, lambda: self.files.validate(session_id))
        checks.raises("complete before the bytes are there", NotAllowedInCurrentState, lambda: self.updates.complete(session_id))
        sent = requests.post(info.upload_endpoint.uri, data=data, headers={"Cache-Control": "no-cache", "Content-Type": "text/ovf"})
        checks.equal("POST without a login is taken", sent.status_code, 200)
        file = self.settled(session_id, "a disk.img")
        checks.equal("sent: ready", file.status, TransferStatus.READY)
        checks.equal("sent: all of it", (file.bytes_transferred, file.size), (len(data), len(data)))
        checks.equal("sent: its checksum", file.checksum_info.checksum, sha256(data).checksum)
        checks.raises("a second session", ResourceBusy, lambda: self.new_session(item_id))
        result = self.files.validate(session_id)
        checks.equal("validate", (result.has_errors, result.missing_files, result.invalid_files), (False, set(), []))
        checks.equal("nothing shows before the end", self.names(item_id), [])
        before = self.items.get(item_id)
        checks.equal("import: the session's end", self.complete(session_id), STATES.DONE)
        checks.raises("a deleted session is gone", NotFound, lambda: self.updates.get(session_id))
        after = self.items.get(item_id)
        checks.that("import: content_version is text", isinstance(after.content_version, str))
        checks.that("import: content_version grew", int(after.content_version) > int(before.content_version))
        checks.equal("import: the item's size", after.size, len(data))
        file = self.item_files.get(item_id, "a disk.img")
        checks.equal("import: the file's size", file.size, len(data))
        checks.equal("import: the file's checksum", file.checksum_info.checksum, sha256(data).checksum)
        stored = self.storage.get(item_id, "a disk.img")
        checks.equal("import: storage", [(s.name, s.size, s.cached) for s in stored], [("a disk.img", len(data), True)])
        return item_id

    def update_content(self, item_id):
        """Once with other names, once with the same name, as the sample does it."""
        checks, first = self.checks, self.items.get(item_id).content_version
        session_id = self.new_session(item_id)
        untouched = self.files.list(session_id)
        checks.equal("update: what is there", [(f.name, f.source_type) for f in untouched], [("a disk.img", "NONE")])
        for file in untouched:
            self.files.remove(session_id, file.name)
        checks.equal("update: removed in the session", self.files.list(session_id), [])
        for name in ("one.img", "two.img"):
            file = self.push(session_id, name, name.encode(), requests.put)
            checks.equal(f"update: {name}", file.status, TransferStatus.READY)
        checks.equal("update: the item is as it was", self.names(item_id), ["a disk.img"])
        checks.equal("update: and its version", self.items.get(item_id).content_version, first)
        checks.equal("update: the session's end", self.complete(session_id), STATES.DONE)
        checks.equal("update: other files", self.names(item_id), ["one.img", "two.img"])
        second = self.items.get(item_id).content_version
        checks.that("update: content_version grew", int(second) > int(first))

        session_id, old = self.new_session(item_id), self.item_files.get(item_id, "two.img").version
        self.push(session_id, "two.img", b"replaced", requests.post)
        checks.equal("replace: the old one shows", self.item_files.get(item_id, "two.img").size, len(b"two.img"))
        checks.equal("replace: the session's end", self.complete(session_id), STATES.DONE)
        checks.equal("replace: the same files", self.names(item_id), ["one.img", "two.img"])
        file = self.item_files.get(item_id, "two.img")
        checks.equal("replace: the new one shows", file.size, len(b"replaced"))
        checks.that("replace: the file's version grew", int(file.version) > int(old))
        checks.that("replace: content_version grew", int(self.items.get(item_id).content_version) > int(second))

    def export(self, item_id):
        checks = self.checks
        session_id = self.downloads.create(DownloadSessionModel(library_item_id=item_id), client_token=str(uuid.uuid4()))
        listed = self.download_files.list(session_id)
        checks.equal("export: files", sorted((f.name, f.status) for f in listed), [("one.img", "UNPREPARED"), ("two.img", "UNPREPARED")])
        uris = {}
        for name, data in (("one.img", b"one.img"), ("two.img", b"replaced")):
            self.download_files.prepare(session_id, name)
            file = until(lambda name=name: self.download_files.get(session_id, name), lambda file: file.status == "PREPARED")
            checks.equal(f"export: {name} is prepared", file.status, "PREPARED")
            uris[name] = file.download_endpoint.uri
            got = requests.get(uris[name])
            checks.equal(f"export: {name}", (got.status_code, got.content), (200, data))
            checks.equal(f"export: {name} has a length", got.headers.get("content-length"), str(len(data)))
            checks.that(f"export: {name} has a tag", got.headers.get("etag"))
        part = requests.get(uris["two.img"], headers={"Range": "bytes=2-5"})
        checks.equal("export: a part", (part.status_code, part.content), (206, b"plac"))
        checks.equal("export: which part", part.headers.get("content-range"), "bytes 2-5/8")
        beyond = requests.get(uris["two.img"], headers={"Range": "bytes=8-"})
        checks.equal("export: a part that is not there", beyond.status_code, 416)
        head = requests.head(uris["two.img"])
        checks.equal("export: HEAD", (head.status_code, head.content, head.headers.get("content-length")), (200, b"", "8"))
        checks.raises("export: no such file", InvalidArgument, lambda: self.download_files.prepare(session_id, "none"))
        self.downloads.keep_alive(session_id, progress=50)
        self.downloads.delete(session_id)
        checks.raises("export: a deleted session", NotFound, lambda: self.downloads.get(session_id))
        checks.that("export: its addresses are gone", requests.get(uris["two.img"]).status_code >= 400)

    def descriptor(self, library_id):
        checks, item_id = self.checks, self.new_item(library_id, "vm", "ovf")
        session_id = self.new_session(item_id)
        checks.equal("ovf: the descriptor", self.push(session_id, "vm.ovf", DESCRIPTOR).status, TransferStatus.READY)
        result = self.files.validate(session_id)
        checks.equal("ovf: what is missing", (result.has_errors, result.missing_files), (True, {"disk-0.vmdk", "nvram-0.nvram"}))
        refused = checks.raises("ovf: complete without it", NotAllowedInCurrentState, lambda: self.updates.complete(session_id))
        checks.that("ovf: it names a file", refused and "disk-0.vmdk" in str(refused.messages))
        named = {f.name: f for f in self.files.list(session_id)}
        checks.equal("ovf: the session's files", sorted(named), ["disk-0.vmdk", "nvram-0.nvram", "vm.ovf"])
        sent = requests.put(named["disk-0.vmdk"].upload_endpoint.uri, data=b"a disk")
        checks.equal("ovf: a file that the descriptor named", sent.status_code, 200)
        checks.equal("ovf: it is ready", self.settled(session_id, "disk-0.vmdk").status, TransferStatus.READY)
        checks.equal("ovf: what is missing then", self.files.validate(session_id).missing_files, {"nvram-0.nvram"})
        checks.equal("ovf: a file that is added", self.push(session_id, "nvram-0.nvram", b"nv").status, TransferStatus.READY)
        checks.equal("ovf: nothing is missing", self.files.validate(session_id).has_errors, False)
        checks.equal("ovf: the session's end", self.complete(session_id), STATES.DONE)
        checks.equal("ovf: the item's files", self.names(item_id), ["disk-0.vmdk", "nvram-0.nvram", "vm.ovf"])
        checks.equal("ovf: the item's type", self.items.get(item_id).type, "ovf")

    def wrong(self, library_id):
        """What is not as announced, and what the client gives up."""
        checks, item_id = self.checks, self.new_item(library_id, "wrong")
        session_id = self.new_session(item_id)
        uri = self.add(session_id, "x.img", b"12345", sha256(b"other")).upload_endpoint.uri
        checks.equal("wrong checksum: the reply", requests.put(uri, data=b"12345").status_code, 400)
        file = self.settled(session_id, "x.img")
        checks.equal("wrong checksum: the file", file.status, TransferStatus.ERROR)
        reason = file.error_message.default_message if file.error_message else ""
        checks.that("wrong checksum: the reason names it", sha256(b"12345").checksum in reason or "checksum" in reason.lower())
        checks.raises("wrong checksum: complete", NotAllowedInCurrentState, lambda: self.updates.complete(session_id))
        checks.equal("wrong checksum: sent anew", self.push(session_id, "x.img", b"12345").status, TransferStatus.READY)
        self.updates.fail(session_id, "the client has changed its mind")
        got = self.updates.get(session_id)
        checks.equal("fail: the state", got.state, STATES.ERROR)
        checks.that("fail: the words", "the client has changed its mind" in str(got.error_message))
        self.updates.delete(session_id)
        checks.equal("fail: the item has nothing of it", self.names(item_id), [])
        session_id = self.new_session(item_id)
        uri = self.add(session_id, "y.img", b"12345").upload_endpoint.uri
        self.updates.cancel(session_id)
        checks.equal("cancel: the state", self.updates.get(session_id).state, STATES.CANCELED)
        checks.equal("cancel: the address", requests.put(uri, data=b"12345").status_code, 409)
        self.updates.delete(session_id)
        checks.equal("delete: the address", requests.put(uri, data=b"12345").status_code, 404)

    def clean_up(self, library_id, item_id):
        checks = self.checks
        checks.equal("three items", len(self.items.list(library_id)), 3)
        checks.equal("an item by its name", self.items.find(Item.FindSpec(library_id=library_id, name="image")), [item_id])
        for each in self.items.list(library_id):
            self.items.delete(each)
        checks.equal("no items are left", self.items.list(library_id), [])
        checks.raises("a deleted item", NotFound, lambda: self.items.get(item_id))
        checks.equal("no sessions are left", (self.updates.list(), self.downloads.list()), ([], []))
        self.local.delete(library_id)
        checks.equal("no libraries are left", self.libraries.list(), [])
        checks.raises("a deleted library", NotFound, lambda: self.local.get(library_id))


def steps(checks, url, user, password):
    stub, _ = login(checks, url, user, password)
    flows = Flows(checks, stub)
    library_id = flows.library()
    item_id = flows.import_item(library_id)
    flows.update_content(item_id)
    flows.export(item_id)
    flows.descriptor(library_id)
    flows.wrong(library_id)
    flows.clean_up(library_id, item_id)
    logout(checks, stub)


if __name__ == "__main__":
    sys.exit(run(steps))

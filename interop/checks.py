"""The official Python SDK against contentlibd, over JSON-RPC: every operation of update sessions and their files.

In: the server's root URL, user and password on the command line. Out: a line for each check that fails, a summary, and exit
code 1 if any failed. The server is fresh.
Not here: transfers of bytes.
"""

import datetime
import hashlib
import sys
import traceback
import uuid

import requests
from com.vmware.cis_client import Session
from com.vmware.content.library.item.updatesession_client import File, PreviewInfo, WarningBehavior, WarningType
from com.vmware.content.library.item_client import File as ItemFile
from com.vmware.content.library.item_client import (
    TransferStatus,
    UpdateSession,
    UpdateSessionModel,
)
from com.vmware.content.library_client import Item, ItemModel, StorageBacking
from com.vmware.content_client import LibraryModel, LocalLibrary
from com.vmware.vapi.std.errors_client import (
    Error,
    InvalidArgument,
    NotAllowedInCurrentState,
    NotFound,
    ResourceBusy,
    Unauthenticated,
)
from vmware.vapi.core import ApplicationContext
from vmware.vapi.lib.connect import get_requests_connector
from vmware.vapi.security.session import create_session_security_context
from vmware.vapi.security.user_password import create_user_password_security_context
from vmware.vapi.stdlib.client.factories import StubConfigurationFactory


def configuration(url, security):
    connector = get_requests_connector(requests.session(), url=url + "/api")
    connector.set_security_context(security)
    return StubConfigurationFactory.new_std_configuration(connector)


class Checks:
    """Counts what holds and what does not."""

    def __init__(self):
        self.n_passed = 0
        self.n_failed = 0

    def equal(self, what, got, wanted):
        if got == wanted:
            self.n_passed += 1
        else:
            self.n_failed += 1
            print(f"{what}: {got!r}, not {wanted!r}")

    def that(self, what, holds):
        self.equal(what, bool(holds), True)

    def raises(self, what, error, call):
        """The call ends in this error, with a message and the error's own type in its payload."""
        try:
            got = call()
        except error as raised:
            self.that(f"{what}: has messages", raised.messages)
            self.that(f"{what}: its text", raised.messages[0].default_message)
            return raised
        except Exception as raised:  # whatever else it is, is what went wrong
            self.n_failed += 1
            print(f"{what}: {type(raised).__name__} {raised}, not {error.__name__}")
            return None
        self.n_failed += 1
        print(f"{what}: {got!r}, not {error.__name__}")
        return None


def login(checks, url, user, password):
    wrong = Session(configuration(url, create_user_password_security_context(user, "not " + password)))
    error = checks.raises("login with a wrong password", Unauthenticated, wrong.create)
    checks.that("it has a challenge", error is not None and error.challenge)
    nobody = UpdateSession(configuration(url, None))
    checks.raises("a call of nobody", Unauthenticated, nobody.list)
    stranger = UpdateSession(configuration(url, create_session_security_context("0" * 32)))
    checks.raises("a call in no session", Unauthenticated, stranger.list)

    session_id = Session(configuration(url, create_user_password_security_context(user, password))).create()
    checks.that("a session's identifier is long", len(session_id) >= 32)
    stub = configuration(url, create_session_security_context(session_id))
    info = Session(stub).get()
    checks.equal("the session is the user's", info.user, user)
    checks.that("the session's times are dates", isinstance(info.created_time, datetime.datetime))
    checks.that("it was used after it was made", info.last_accessed_time >= info.created_time)
    return stub, session_id


def two_items(stub):
    """A library, and two items of it."""
    backing = StorageBacking(type=StorageBacking.Type.DATASTORE, datastore_id="datastore-1")
    model = LibraryModel(name="checks", type=LibraryModel.LibraryType.LOCAL, storage_backings=[backing])
    library_id = LocalLibrary(stub).create(model)
    return [Item(stub).create(ItemModel(library_id=library_id, name=name)) for name in ("one", "two")]


def update_sessions(checks, stub, item_1, item_2):
    sessions = UpdateSession(stub)
    checks.equal("no sessions yet", sessions.list(), [])
    ignored = [WarningBehavior(type=WarningType.SELF_SIGNED_CERTIFICATE, ignored=True)]
    token = str(uuid.uuid4())
    model = UpdateSessionModel(library_item_id=item_1, warning_behavior=ignored)
    session_id = sessions.create(model, client_token=token)
    checks.equal("the same token makes no second session", sessions.create(model, client_token=token), session_id)
    checks.equal("list", sessions.list(), [session_id])
    checks.equal("list of the item", sessions.list(library_item_id=item_1), [session_id])
    checks.equal("list of another item", sessions.list(library_item_id=item_2), [])

    got = sessions.get(session_id)
    checks.equal("get: id", got.id, session_id)
    checks.equal("get: item", got.library_item_id, item_1)
    checks.equal("get: state", got.state, UpdateSessionModel.State.ACTIVE)
    checks.equal("get: progress", got.client_progress, 0)
    checks.equal("get: what is unset", got.error_message, None)
    checks.equal("get: preview", got.preview_info.state, PreviewInfo.State.UNAVAILABLE)
    checks.equal("get: warnings", [(w.type, w.ignored) for w in got.warning_behavior], [("SELF_SIGNED_CERTIFICATE", True)])
    soon = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) + datetime.timedelta(seconds=200)
    checks.that("get: it expires some minutes from now", got.expiration_time.replace(tzinfo=None) > soon)

    sessions.keep_alive(session_id, client_progress=40)
    sessions.keep_alive(session_id)
    checks.equal("progress is kept", sessions.get(session_id).client_progress, 40)
    expired = WarningBehavior(type=WarningType.EXPIRED_CERTIFICATE, ignored=False)
    sessions.update(session_id, UpdateSessionModel(warning_behavior=[expired]))
    checks.equal("update", sessions.get(session_id).warning_behavior[0].type, "EXPIRED_CERTIFICATE")

    checks.raises("a second session on an item", ResourceBusy, lambda: sessions.create(UpdateSessionModel(library_item_id=item_1)))
    checks.raises("create without an item", InvalidArgument, lambda: sessions.create(UpdateSessionModel()))
    checks.raises("create on no item", NotFound, lambda: sessions.create(UpdateSessionModel(library_item_id="nothing")))
    for name, call in [("get", sessions.get), ("complete", sessions.complete), ("cancel", sessions.cancel),
                       ("delete", sessions.delete), ("keep_alive", sessions.keep_alive),
                       ("fail", lambda id: sessions.fail(id, "x")),
                       ("update", lambda id: sessions.update(id, UpdateSessionModel()))]:
        checks.raises(f"{name} of no session", NotFound, lambda call=call: call("nothing"))

    error = checks.raises("delete of an active session", NotAllowedInCurrentState, lambda: sessions.delete(session_id))
    checks.equal("it says its type", error and error.error_type, Error.Type.NOT_ALLOWED_IN_CURRENT_STATE)
    text = "the disk is full: “ümlaut” \\ \n\ttab \U0001f4be"
    sessions.fail(session_id, text)
    got = sessions.get(session_id)
    checks.equal("failed: state", got.state, UpdateSessionModel.State.ERROR)
    checks.equal("failed: text", got.error_message.default_message, text)
    checks.equal("failed: a union holds", got.preview_info, None)
    checks.raises("fail of a failed session", NotAllowedInCurrentState, lambda: sessions.fail(session_id, "again"))
    sessions.delete(session_id)
    checks.raises("get of a deleted session", NotFound, lambda: sessions.get(session_id))

    for end, state in [(sessions.complete, UpdateSessionModel.State.DONE), (sessions.cancel, UpdateSessionModel.State.CANCELED)]:
        session_id = sessions.create(UpdateSessionModel(library_item_id=item_1))
        end(session_id)
        checks.equal(f"state {state}", sessions.get(session_id).state, state)
        sessions.delete(session_id)


def files(checks, stub, item_id):
    sessions, files = UpdateSession(stub), File(stub)
    session_id = sessions.create(UpdateSessionModel(library_item_id=item_id))
    checks.equal("no files yet", files.list(session_id), [])
    sha256 = hashlib.sha256(b"").hexdigest()
    checksum = ItemFile.ChecksumInfo(algorithm=ItemFile.ChecksumAlgorithm.SHA256, checksum=sha256)
    spec = File.AddSpec(name="a b.ovf", source_type=File.SourceType.PUSH, size=0, checksum_info=checksum)
    info = files.add(session_id, spec)
    checks.equal("add: name", info.name, "a b.ovf")
    checks.equal("add: status", info.status, TransferStatus.WAITING_FOR_TRANSFER)
    checks.equal("add: a size is told of what is there", info.size, None)
    checks.equal("add: checksum", (info.checksum_info.algorithm, info.checksum_info.checksum), ("SHA256", sha256))
    checks.that("add: where to send it", info.upload_endpoint.uri)
    checks.equal("add: what is unset", (info.source_endpoint, info.error_message), (None, None))
    large = File.AddSpec(name="disk.vmdk", source_type=File.SourceType.PUSH, size=2**40)
    checks.equal("add: a large file", files.add(session_id, large).name, "disk.vmdk")
    checks.equal("list", [f.name for f in files.list(session_id)], ["a b.ovf", "disk.vmdk"])
    checks.equal("get", files.get(session_id, "disk.vmdk").source_type, File.SourceType.PUSH)

    error = checks.raises("validate of files that were not sent", NotAllowedInCurrentState, lambda: files.validate(session_id))
    checks.that("validate: it names them", error and "a b.ovf" in str(error.messages) and "disk.vmdk" in str(error.messages))
    files.remove(session_id, "disk.vmdk")
    files.remove(session_id, "a b.ovf")
    result = files.validate(session_id)
    checks.equal("validate: an empty set", (result.has_errors, result.missing_files, result.invalid_files), (False, set(), []))

    checks.raises("get of no file", InvalidArgument, lambda: files.get(session_id, "none"))
    checks.raises("remove of no file", InvalidArgument, lambda: files.remove(session_id, "none"))
    bad = File.AddSpec(name="../x", source_type=File.SourceType.NONE)
    checks.raises("add with a path", InvalidArgument, lambda: files.add(session_id, bad))
    for name, call in [("add", lambda: files.add("nothing", spec)), ("list", lambda: files.list("nothing")),
                       ("get", lambda: files.get("nothing", "x")), ("remove", lambda: files.remove("nothing", "x")),
                       ("validate", lambda: files.validate("nothing"))]:
        checks.raises(f"file {name} in no session", NotFound, call)
    sessions.cancel(session_id)
    checks.raises("add to an ended session", NotAllowedInCurrentState, lambda: files.add(session_id, spec))
    sessions.delete(session_id)


def contexts(checks, url, session_id):
    """Application contexts that other clients send too, and a header that contradicts the body."""
    stub = configuration(url, create_session_security_context(session_id))
    context = ApplicationContext({"opId": "my-op", "accept-language": "de-DE", "unknown": "ü"})
    stub.connector.set_application_context(context)
    checks.equal("a call with a context", UpdateSession(stub).list(), [])
    with requests.session() as session:
        session.headers["vmware-api-session-id"] = "0" * 32
        other = get_requests_connector(session, url=url + "/api")
        other.set_security_context(create_session_security_context(session_id))
        stranger = UpdateSession(StubConfigurationFactory.new_std_configuration(other))
        checks.raises("the header wins over the body", Unauthenticated, stranger.list)


def logout(checks, stub):
    Session(stub).delete()
    checks.raises("a call after the logout", Unauthenticated, UpdateSession(stub).list)


def run(steps):
    """Does the steps, which are told whom to call as whom; says what came of it, as the exit code too."""
    url, user, password = sys.argv[1:]
    checks = Checks()
    try:
        steps(checks, url, user, password)
    except Exception:  # the summary has to come whatever happens
        traceback.print_exc()
        checks.n_failed += 1
    print(f"{checks.n_passed} passed, {checks.n_failed} failed")
    return 1 if checks.n_failed or not checks.n_passed else 0


def steps(checks, url, user, password):
    stub, session_id = login(checks, url, user, password)
    item_1, item_2 = two_items(stub)
    update_sessions(checks, stub, item_1, item_2)
    files(checks, stub, item_2)
    contexts(checks, url, session_id)
    logout(checks, stub)


if __name__ == "__main__":
    sys.exit(run(steps))

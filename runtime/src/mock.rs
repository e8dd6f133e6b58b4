//! Clients without a server, and servers that fail at will: for tests of programs that call an API.
//!
//! In: descriptions of services and rules, "this operation answers that". Out: a [`Client`] or a [`Transport`], on any
//! surface, and the calls that came, decoded. With [`Mock::over`] the calls that no rule is for go to another transport, a
//! real server's for instance, so the rules are a plan of what goes wrong there. Behind the feature `testing`.
//! Not here: a router in process, which is [`Local`].
//!
//! ```
//! # mod vapi { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/notes.rs")); }
//! use vapi_runtime::mock::Mock;
//!
//! let mock = Mock::new(vapi::services());
//! mock.on::<vapi::Sign>().returns(7);
//!
//! let client = vapi::NotesClient::new(mock.client());
//! assert_eq!(client.sign("guest-1", "hello").wait()?, 7);
//! assert_eq!(mock.calls::<vapi::Sign>()[0].text, "hello");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What can go wrong, goes wrong: the first call finds nobody, the second is refused, the third comes late.
//!
//! ```
//! # mod vapi { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/notes.rs")); }
//! use std::time::Duration;
//! use vapi_runtime::client::Retry;
//! use vapi_runtime::mock::Mock;
//!
//! let mock = Mock::new(vapi::services());
//! mock.on::<vapi::Sign>().nth(1).refuses_connection();
//! mock.on::<vapi::Sign>().nth(2).fails(vapi::Full { limit: 100 });
//! mock.on::<vapi::Sign>().after(Duration::from_millis(1)).returns(7);
//!
//! let client = vapi::NotesClient::new(mock.client().retry(Retry::never()));
//! assert!(client.sign("guest-1", "hello").wait().is_err_and(|error| error.is_retryable()));
//! assert!(client.sign("guest-1", "hello").wait().is_err_and(|error| error.status().is_some()));
//! assert_eq!(client.sign("guest-1", "hello").wait()?, 7);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod declared;
mod rule;

use std::fmt;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

pub use self::declared::{declared_errors, each_error};
pub use self::rule::On;

use self::rule::{Rule, Then};
use crate::by_table::copy_structure;
use crate::client::{BoxFuture, Local, Transport, TransportError, TransportErrorKind};
use crate::data::Structure;
use crate::fault::{Fault, Message, StandardError};
use crate::server::{Dispatch, IncomingCall, Reply, Router, Told, explain_request};
use crate::table::{OperationTable, ServiceTable, Ty};
use crate::{AnyStructure, AnyValue, Client, Operation, Surface, login};

/// Answers calls by rules and keeps what came.
///
/// A call that no rule is for fails. When it is dropped, the test fails if there was such a call, or a rule without its
/// calls: what the program under test swallowed shows all the same.
///
/// The login answers by itself unless there are rules for it: everybody may log in.
pub struct Mock {
    stage: Arc<Stage>,
}

/// What the mock and its transports share.
struct Stage {
    services: &'static [&'static ServiceTable],
    router: Local,
    /// Where calls go that no rule is for.
    behind: Option<Box<dyn Transport>>,
    scene: Mutex<Scene>,
}

type Answer = Box<dyn Fn(&Received) -> Result<AnyValue, Fault> + Send + Sync>;

#[derive(Default)]
struct Scene {
    rules: Vec<Rule>,
    /// What becomes of calls that no rule is for.
    rest: Option<Answer>,
    calls: Vec<Received>,
    unexpected: Vec<String>,
}

/// A call that came, whatever became of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Received {
    /// The operation.
    pub operation: &'static OperationTable,
    /// The surface that it came on.
    pub surface: Surface,
    /// Its parameters.
    pub input: AnyStructure,
    /// Head of the request.
    pub headers: http::HeaderMap,
}

/// The operation and its parameters in a line; secrets do not show.
impl fmt::Display for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} {:?}", self.operation.service, self.operation.name, self.input)
    }
}

impl Mock {
    /// Knows these services, and answers nothing yet.
    #[must_use]
    pub fn new(services: &'static [&'static ServiceTable]) -> Mock {
        Mock::with_behind(services, None)
    }

    /// Knows these services; what no rule is for, is sent by `transport`.
    #[must_use]
    pub fn over(services: &'static [&'static ServiceTable], transport: impl Transport) -> Mock {
        Mock::with_behind(services, Some(Box::new(transport)))
    }

    fn with_behind(services: &'static [&'static ServiceTable], behind: Option<Box<dyn Transport>>) -> Mock {
        let mount = |router: Router, service: &&'static ServiceTable| router.mount(Player(service));
        let router = Local(services.iter().fold(Router::new(), mount));
        Mock { stage: Arc::new(Stage { services, router, behind, scene: Mutex::default() }) }
    }

    /// Begins a rule; the first rule that is for a call counts.
    pub fn on<O: Operation>(&self) -> On<'_, O> {
        On::new(self)
    }

    /// Has every call that no rule is for answered by this function; for tools that reach operations by their tables.
    pub fn answers_rest(
        &self,
        answer: impl Fn(&Received) -> Result<AnyValue, Fault> + Send + Sync + 'static,
    ) {
        self.stage.scene().rest = Some(Box::new(answer));
    }

    /// A client of the mock, on the surface of the reference pages; another is chosen as ever.
    #[must_use]
    pub fn client(&self) -> Client {
        let client = Client::with_transport("http://mock.test", self.transport());
        client.expect("`http://mock.test` is a base URL").surface(Surface::default())
    }

    /// What carries calls to the mock, for clients made elsewhere.
    #[must_use]
    pub fn transport(&self) -> impl Transport + Clone + use<> {
        MockTransport(Arc::clone(&self.stage))
    }

    /// The parameters of every call of an operation so far, in order.
    #[must_use]
    pub fn calls<O: Operation>(&self) -> Vec<O::Input> {
        let scene = self.stage.scene();
        scene.calls.iter().filter(|call| is_same(call.operation, O::TABLE)).map(typed::<O>).collect()
    }

    /// Every call so far, in order, logins included.
    #[must_use]
    pub fn all_calls(&self) -> Vec<Received> {
        self.stage.scene().calls.clone()
    }

    fn add(&self, rule: Rule) {
        let operation = rule.operation;
        let is_known = self
            .stage
            .services
            .iter()
            .any(|service| service.operations.iter().any(|&o| is_same(o, operation)));
        assert!(
            is_known,
            "the mock was not told of {}, so nobody can call `{}`",
            operation.service, operation.name
        );
        self.stage.scene().rules.push(rule);
    }
}

fn typed<O: Operation>(call: &Received) -> O::Input {
    let mut input = O::Input::blank();
    copy_structure(&call.input, &mut input);
    input
}

fn is_same(left: &OperationTable, right: &OperationTable) -> bool {
    (left.service, left.name) == (right.service, right.name)
}

impl Drop for Mock {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let scene = self.stage.scene();
        let unmet = scene.rules.iter().filter(|rule| !rule.is_met()).map(|rule| format!("not met: {rule}"));
        let complaints: Vec<String> = scene.unexpected.iter().cloned().chain(unmet).collect();
        drop(scene);
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }
}

impl fmt::Debug for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scene = self.stage.scene();
        let rules: Vec<String> = scene.rules.iter().map(ToString::to_string).collect();
        f.debug_struct("Mock").field("rules", &rules).field("calls", &scene.calls).finish_non_exhaustive()
    }
}

/// A service that answers with what stands beside the request.
struct Player(&'static ServiceTable);

impl Dispatch for Player {
    fn table(&self) -> &'static ServiceTable {
        self.0
    }
    fn dispatch<'a>(&'a self, _operation_idx: usize, call: IncomingCall<'a>) -> Reply<'a> {
        let told = call.context().extensions().get::<Told>().cloned();
        call.play(told.unwrap_or_else(|| Told::Fault(nobody())))
    }
}

fn nobody() -> Fault {
    let message = Message::new("vapi.mock.login", "Nobody has logged in", <[String; 0]>::default());
    Fault::new(StandardError::Unauthenticated, message)
}

#[derive(Clone)]
struct MockTransport(Arc<Stage>);

impl Transport for MockTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(self.0.answer(request))
    }
}

impl Stage {
    fn scene(&self) -> MutexGuard<'_, Scene> {
        // A test that panicked elsewhere has failed already.
        self.scene.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let explained = explain_request(self.services, request.clone());
        let (Some(operation), Ok(input)) = (explained.operation, explained.parameters) else {
            // No call, or none that can be read: a server says what is wrong with it.
            return self.behind(request).await;
        };
        let call =
            Received { operation, surface: explained.surface, input, headers: request.headers().clone() };
        let Some(acted) = self.scene().act(call, self.behind.is_none())? else {
            return self.behind(request).await;
        };
        if let Some(latency) = acted.latency {
            tokio::time::sleep(latency).await;
        }
        let mut response = match acted.then {
            Acted::Break(error) => return Err(error),
            Acted::Reply(response) => *response,
            Acted::Pass => self.behind(request).await?,
            Acted::Tell(told) => self.tell(request, told).await?,
        };
        if acted.is_lost {
            return Err(TransportError::new(
                TransportErrorKind::Interrupted,
                "the reply broke off, as a rule says",
            ));
        }
        if let Some(n_bytes) = acted.n_bytes {
            let body = response.body_mut();
            body.truncate(n_bytes);
        }
        Ok(response)
    }

    async fn behind(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        match &self.behind {
            Some(transport) => transport.send(request).await,
            None => self.router.send(request).await,
        }
    }

    async fn tell(
        &self,
        mut request: http::Request<Bytes>,
        told: Told,
    ) -> Result<http::Response<Bytes>, TransportError> {
        request.extensions_mut().insert(told);
        self.router.send(request).await
    }
}

/// What a rule does to one call.
struct Act {
    latency: Option<std::time::Duration>,
    is_lost: bool,
    n_bytes: Option<usize>,
    then: Acted,
}

enum Acted {
    Tell(Told),
    Reply(Box<http::Response<Bytes>>),
    Break(TransportError),
    Pass,
}

impl Scene {
    /// Keeps the call and finds what is to become of it; `None` where no rule is for it and none has to be.
    fn act(&mut self, call: Received, must_be_known: bool) -> Result<Option<Act>, TransportError> {
        let mut chosen = None;
        for (rule_idx, rule) in self.rules.iter_mut().enumerate() {
            if rule.takes(&call) && chosen.is_none() {
                chosen = Some(rule_idx);
            }
        }
        let answer = match (chosen, &self.rest) {
            (Some(rule_idx), _) => Ok(Some(self.rules[rule_idx].act(&call))),
            (None, Some(answer)) => Ok(Some(told(answer(&call).map_or_else(Told::Fault, Told::Output)))),
            (None, None) if !must_be_known => Ok(None),
            (None, None) if call.operation.service == login::Create::TABLE.service => Ok(Some(log_in(&call))),
            (None, None) => Err(self.unexpected(&call)),
        };
        self.calls.push(call);
        answer
    }

    fn unexpected(&mut self, call: &Received) -> TransportError {
        let mut text = format!("no rule is for the call {call}; expected:");
        for rule in &self.rules {
            let _infallible = write!(text, "\n  {rule}");
        }
        if self.rules.is_empty() {
            text.push_str(" no call at all");
        }
        self.unexpected.push(text.clone());
        TransportError::new(TransportErrorKind::Other, text)
    }
}

/// The login as a server has it that lets everybody in, and knows nothing of a session to show.
fn log_in(call: &Received) -> Act {
    let mut output = AnyValue::new(&call.operation.output);
    told(match (call.operation.output, crate::data::Data::slot(&mut output)) {
        (Ty::Secret, crate::data::Slot::Text(text)) => {
            text.push_str("mock-session");
            Told::Output(output)
        }
        (Ty::Void, _) => Told::Output(output),
        _ => Told::Fault(nobody()),
    })
}

/// An answer and nothing else.
fn told(told: Told) -> Act {
    Act { latency: None, is_lost: false, n_bytes: None, then: Acted::Tell(told) }
}

impl Rule {
    fn act(&mut self, call: &Received) -> Act {
        self.n_used += 1;
        let then = match &self.then {
            Then::Tell(tell) => Acted::Tell(tell(call)),
            Then::Reply(response) => Acted::Reply(Box::new(response.clone())),
            Then::Break(error) => Acted::Break(error.clone()),
            Then::Pass => Acted::Pass,
        };
        Act { latency: self.latency, is_lost: self.is_lost, n_bytes: self.n_bytes, then }
    }
}

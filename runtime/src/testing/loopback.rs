//! The loopback matrix: client -> bytes -> server -> bytes -> client, in every way an operation can be called.

use std::fmt::Debug;

use super::filling::{Filling, fill_parameters, fill_structure};
use super::{Script, fill};
use crate::client::{Local, Retry};
use crate::data::{Data, Slot, Structure, View};
use crate::table::{ErrorTable, OperationTable};
use crate::{Call, Client, Error, Operation, ReplyRepresentation, Router, Surface, UrlForm, operation_error};

/// Calls an operation on every surface, over every request line in every representation, with several values, for its result
/// and for each of its errors: the server must get what the client was given, and the client what the server answered.
///
/// # Panics
/// When it does not.
pub fn check_loopback<O>(router: fn(Script) -> Router)
where
    O: Operation,
    O::Input: PartialEq,
    O::Output: PartialEq + Debug,
    O::Error: PartialEq,
{
    let script = Script::default();
    let transport = Local(router(script.clone()));
    let client =
        Client::with_transport("http://localhost", transport).expect("`http://localhost` is a base URL");
    // The script has one answer for a call.
    let client = client.retry(Retry::never());
    assert!(!O::TABLE.routes.is_empty(), "{} has no request line", O::TABLE.name);
    for way in ways(O::TABLE) {
        check_way::<O>(&client, &script, way);
    }
}

/// One way of calling an operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) surface: Surface,
    /// Number of the reference page's request line, on the surfaces that have these.
    pub(super) line: usize,
    pub(super) reply: ReplyRepresentation,
    pub(super) filling: Filling,
}

impl Way {
    /// Numbers of the parameters in the path.
    fn path_params(self, operation: &OperationTable) -> &'static [u16] {
        match self.surface {
            Surface::JsonRpc => &[],
            Surface::Rest => operation.rest.map_or(&[], |rest| rest.route.path_params),
            Surface::LegacyRest | Surface::Rest2014(_) => operation.routes[self.line].path_params,
        }
    }

    fn status(self, declared: &ErrorTable) -> u16 {
        match self.surface {
            Surface::JsonRpc => 200,
            Surface::Rest => declared.rest_status,
            Surface::LegacyRest | Surface::Rest2014(_) => declared.status,
        }
    }
}

fn ways(operation: &OperationTable) -> Vec<Way> {
    let mut ways = Vec::new();
    for surface in Surface::ALL {
        let (n_lines, replies) = match surface {
            Surface::Rest if operation.rest.is_none() => (0, &JSON[..]),
            Surface::JsonRpc | Surface::Rest => (1, &JSON[..]),
            Surface::LegacyRest => (operation.routes.len(), &JSON[..]),
            Surface::Rest2014(_) => (operation.routes.len(), &JSON_AND_XML[..]),
        };
        for line in 0..n_lines {
            for &reply in replies {
                ways.extend(Filling::ALL.map(|filling| Way { surface, line, reply, filling }));
            }
        }
    }
    ways
}

const JSON: [ReplyRepresentation; 1] = [ReplyRepresentation::Json];
const JSON_AND_XML: [ReplyRepresentation; 2] = [ReplyRepresentation::Json, ReplyRepresentation::Xml];

/// The result and every error.
pub(super) fn check_way<O>(client: &Client, script: &Script, way: Way)
where
    O: Operation,
    O::Input: PartialEq,
    O::Output: PartialEq + Debug,
    O::Error: PartialEq,
{
    let mut input = O::Input::empty();
    fill_parameters(O::TABLE, &mut input, way.filling);
    let what = format!("{}.{} {way:?}", O::TABLE.service, O::TABLE.name);
    if lacks_path_parameter(&input, way.path_params(O::TABLE)) {
        let refused = call::<O>(client, input, way);
        assert!(matches!(refused, Err(Error::Encode(_))), "{what}: {refused:?}");
        return;
    }

    check_presence::<O>(client, &input, way);
    let output = || fill::<O::Output>(&O::TABLE.output, way.filling);
    script.tell::<O>(Ok(output()));
    let reply = call::<O>(client, fill_input::<O>(way.filling), way);
    assert_eq!(script.received::<O>().as_ref(), Some(&input), "{what}: the input");
    match reply {
        Ok(result) => assert_eq!(result, output(), "{what}: the result"),
        Err(error) => panic!("{what}: {error:?}"),
    }

    for error_idx in 0..O::TABLE.errors.len() {
        let error = |change: &dyn Fn(&mut dyn Structure)| {
            operation_error::filled(error_idx, |payload| {
                fill_structure(payload, way.filling);
                change(payload);
            })
        };
        script.tell::<O>(Err(error(&|_| ())));
        let reply = call::<O>(client, fill_input::<O>(way.filling), way);
        let declared = &O::TABLE.errors[error_idx];
        match reply {
            Err(Error::Documented { status, error: received }) => {
                let sent: O::Error = error(&|payload| set_error_type(payload, declared.id, way.surface));
                assert_eq!(received, sent, "{what}: {}", declared.id);
                assert_eq!(status.as_u16(), way.status(declared), "{what}: {}", declared.id);
            }
            other => panic!("{what}: {} came as {other:?}", declared.id),
        }
    }
}

/// Without what the operation needs of its models, the server refuses the call and nobody is asked.
fn check_presence<O>(client: &Client, input: &O::Input, way: Way)
where
    O: Operation,
    O::Input: PartialEq,
    O::Output: Debug,
{
    let mut bare = O::Input::empty();
    fill_structure(&mut bare, way.filling);
    if bare != *input {
        let refused = call::<O>(client, bare, way);
        let id = refused.as_ref().err().and_then(Error::id);
        assert_eq!(id, Some("com.vmware.vapi.std.errors.invalid_argument"), "{way:?}: {refused:?}");
    }
}

fn fill_input<O: Operation>(filling: Filling) -> O::Input {
    let mut input = O::Input::empty();
    fill_parameters(O::TABLE, &mut input, filling);
    input
}

fn call<O: Operation>(client: &Client, input: O::Input, way: Way) -> Result<O::Output, Error<O::Error>> {
    Call::<O>::new(client, input)
        .url_form(UrlForm::Line(way.line))
        .surface(way.surface)
        .accept(way.reply)
        .wait()
}

/// Below `/api` an error's type is what says which error it is, and so always there and right; on JSON-RPC it is always there.
fn set_error_type(payload: &mut dyn Structure, id: &str, surface: Surface) {
    let error_type = id.rsplit('.').next().unwrap_or(id).to_ascii_uppercase();
    let Some(field_idx) = payload.table().field_idx("error_type") else { return };
    let is_filled_in = match surface {
        Surface::Rest => true,
        Surface::JsonRpc => matches!(payload.field(field_idx), View::Unset),
        Surface::LegacyRest | Surface::Rest2014(_) => false,
    };
    if is_filled_in
        && let Slot::Optional(optional) = payload.field_mut(field_idx)
        && let Slot::Enumeration(value) = optional.insert()
    {
        value.set(&error_type);
    }
}

fn lacks_path_parameter(input: &dyn Structure, path_params: &[u16]) -> bool {
    path_params.iter().any(|&param| matches!(input.field(usize::from(param)), View::Unset))
}

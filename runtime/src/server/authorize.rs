//! Whether a caller may do what it asks for: the privileges an operation documents, put to an [`Authorizer`] of the application's.
//!
//! In: an operation's table and its decoded parameters. Out: what is needed, on which resources.
//! Not here: who the caller is, and which privileges it has.

use std::future::Future;
use std::pin::Pin;

use super::{Context, Fault, Message, StandardError};
use crate::data::{Structure, View};
use crate::table::{OperationTable, Privileges};

/// A permission on its way.
pub type Permission<'a> = Pin<Box<dyn Future<Output = Result<(), Fault>> + Send + 'a>>;

/// Decides whether callers may do what they ask for; given to a router with [`Router::authorizer`](super::Router::authorizer).
pub trait Authorizer: Send + Sync + 'static {
    /// Whether the caller of this call has what it needs. Called after the parameters were decoded and before the
    /// implementation; not for operations that need nothing.
    ///
    /// A refusal is usually [`Needed::refusal`]; a caller that is not known gets [`StandardError::Unauthenticated`].
    fn authorize<'a>(&'a self, cx: &'a Context, needed: Vec<Needed>) -> Permission<'a>;
}

/// Privileges that a call needs: on resources, or on the server as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needed {
    /// Names of the privileges, `ContentLibrary.AddLibraryItem`; all are needed.
    pub privileges: &'static [&'static str],
    /// The resources; none for the server as a whole.
    pub on: Option<Resources>,
}

/// Resources of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resources {
    /// Resource type, `com.vmware.content.Library`.
    pub resource_type: &'static str,
    /// Identifiers as the call has them, at least one.
    pub ids: Vec<String>,
}

impl Needed {
    /// Says that the caller lacks these privileges.
    #[must_use]
    pub fn refusal(&self) -> Fault {
        let privileges = self.privileges.join(", ");
        let message = match &self.on {
            None => {
                let text = format!("The privilege {privileges} is needed");
                Message::new("vapi.security.authorization.privilege", text, [privileges])
            }
            Some(Resources { resource_type, ids }) => {
                let ids = ids.join(", ");
                let text = format!("The privilege {privileges} is needed on {resource_type} {ids}");
                let args = [privileges, (*resource_type).to_owned(), ids];
                Message::new("vapi.security.authorization.resource_privilege", text, args)
            }
        };
        Fault::new(StandardError::Unauthorized, message)
    }
}

/// What a call of an operation needs; an ID that is not set asks for nothing.
pub(super) fn needed(operation: &OperationTable, input: &dyn Structure) -> Vec<Needed> {
    let needed = operation.privileges.iter().filter_map(|Privileges { names, on }| {
        let on = match on {
            None => None,
            Some((resource_type, path)) => {
                let mut ids = Vec::new();
                add_ids(&mut ids, View::Structure(input), path);
                if ids.is_empty() {
                    return None;
                }
                Some(Resources { resource_type, ids })
            }
        };
        Some(Needed { privileges: names, on })
    });
    needed.collect()
}

/// Follows a path of field names, through lists.
fn add_ids(ids: &mut Vec<String>, view: View<'_>, path: &str) {
    match view {
        View::Structure(structure) => {
            let (name, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(field_idx) = structure.table().field_idx(name) {
                add_ids(ids, structure.field(field_idx), rest);
            }
        }
        View::List(list) => list.each(&mut |element| {
            add_ids(ids, element, path);
            true
        }),
        View::Text(id) if path.is_empty() => ids.push(id.to_owned()),
        _ => {}
    }
}

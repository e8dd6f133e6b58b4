//! What users may do: three roles, and the privileges that the API documents for its operations.
//!
//! Privileges on a resource are those on all: this server has no permissions on single libraries. Whose sessions are
//! whose is the domain's business.

use std::fmt;
use std::str::FromStr;

use vapi::runtime::server::{Authorizer, Context, Fault, Message, Needed, Permission, StandardError};

use super::Users;

/// What a user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Sees libraries and downloads from them.
    Reader,
    /// Does everything with libraries, but for what concerns the server as a whole.
    Publisher,
    /// Does everything, and sees the sessions of others.
    Administrator,
}

/// What every user may do.
const OF_READERS: &[&str] = &[
    "ContentLibrary.DownloadSession",
    "ContentLibrary.GetConfiguration",
    "ContentLibrary.TypeIntrospection",
    "System.Anonymous",
    "System.Read",
];

/// What concerns the server as a whole: its configuration, whom it trusts, where its storage is.
const OF_ADMINISTRATORS: &[&str] = &[
    "ContentLibrary.AddCertToTrustStore",
    "ContentLibrary.DeleteCertFromTrustStore",
    "ContentLibrary.LibraryMaintenance",
    "ContentLibrary.MigrateLibrary",
    "ContentLibrary.ReadStorage",
    "ContentLibrary.UpdateConfiguration",
];

impl Role {
    /// All of them, those that may do less first.
    pub const ALL: [Role; 3] = [Role::Reader, Role::Publisher, Role::Administrator];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Role::Reader => "reader",
            Role::Publisher => "publisher",
            Role::Administrator => "administrator",
        }
    }

    /// Whether it has a privilege. One that nobody has heard of is an administrator's.
    pub fn has(self, privilege: &str) -> bool {
        match self {
            Role::Reader => OF_READERS.contains(&privilege),
            Role::Publisher => {
                let is_known =
                    privilege.starts_with("ContentLibrary.") || privilege.starts_with("Datastore.");
                OF_READERS.contains(&privilege) || is_known && !OF_ADMINISTRATORS.contains(&privilege)
            }
            Role::Administrator => true,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Role, String> {
        let role = Role::ALL.into_iter().find(|role| role.name() == text);
        role.ok_or_else(|| format!("`{text}` is no role; there are reader, publisher and administrator"))
    }
}

/// Lets users do what their role says. A user that was removed can do nothing more with the sessions it has.
#[derive(Clone)]
pub struct ByRole(pub Users);

impl Authorizer for ByRole {
    fn authorize<'a>(&'a self, cx: &'a Context, needed: Vec<Needed>) -> Permission<'a> {
        Box::pin(async move {
            let role = cx.caller().and_then(|caller| self.0.role_of(caller.user()));
            let Some(role) = role else {
                let text = "The user is not known any more; log in as another one";
                let message = Message::new("contentlibd.users.gone", text, <[String; 0]>::default());
                return Err(Fault::new(StandardError::Unauthenticated, message));
            };
            match needed.iter().find(|needed| !needed.privileges.iter().all(|name| role.has(name))) {
                Some(lacking) => Err(lacking.refusal()),
                None => Ok(()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_may_more_may_less() {
        let privileges =
            OF_READERS.iter().chain(OF_ADMINISTRATORS).chain(&["ContentLibrary.UpdateSession", "X.Y"]);
        for privilege in privileges {
            let may = Role::ALL.map(|role| role.has(privilege));
            assert!(may.is_sorted(), "{privilege}: {may:?}");
        }
    }

    #[test]
    fn each_role_has_something_of_its_own() {
        let may = |privilege| Role::ALL.map(|role| role.has(privilege));
        assert_eq!(may("System.Read"), [true, true, true]);
        assert_eq!(may("ContentLibrary.UpdateSession"), [false, true, true]);
        assert_eq!(may("ContentLibrary.UpdateConfiguration"), [false, false, true]);
    }

    #[test]
    fn roles_are_read_as_they_are_written() {
        for role in Role::ALL {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
        assert!("admin".parse::<Role>().expect_err("no role").contains("publisher"));
    }
}

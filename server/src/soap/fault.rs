//! Faults: why a call is refused, as the clients tell them apart.

use super::value::{Reference, Value, carriable};

/// Why a call is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Name or password are wrong.
    InvalidLogin,
    /// The call needs a login.
    NotAuthenticated,
    /// There is no such operation here.
    MethodNotFound {
        /// Of what type it was to be.
        of_type: String,
        /// Of which object.
        id: String,
        /// Its name.
        method: String,
    },
    /// There is no such object.
    ManagedObjectNotFound {
        /// Of what type it was to be.
        of_type: String,
        /// Its identifier.
        id: String,
    },
    /// Objects of this type have no such property.
    InvalidProperty(String),
    /// This is no call; why.
    InvalidRequest(String),
    /// It cannot be done; why.
    RuntimeFault(String),
}

impl Fault {
    /// The element that stands in a reply's body.
    pub(super) fn to_xml(&self) -> String {
        let (kind, words) = self.kind_and_words();
        let mut detail = String::new();
        match self {
            Fault::NotAuthenticated => {
                Value::Object(super::inventory::root()).write("object", &mut detail);
                Value::text("System.View").write("privilegeId", &mut detail);
            }
            Fault::MethodNotFound { of_type, id, method } => {
                Value::Object(Reference::new(of_type, id)).write("receiver", &mut detail);
                Value::text(method).write("method", &mut detail);
            }
            Fault::ManagedObjectNotFound { of_type, id } => {
                Value::Object(Reference::new(of_type, id)).write("obj", &mut detail);
            }
            Fault::InvalidProperty(name) => Value::text(name).write("name", &mut detail),
            Fault::InvalidLogin | Fault::InvalidRequest(_) | Fault::RuntimeFault(_) => {}
        }
        let words = carriable(&words);
        let namespace = super::NAMESPACE;
        format!(
            "<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>{words}</faultstring><detail>\
             <{kind}Fault xmlns=\"{namespace}\" xsi:type=\"{kind}\">{detail}</{kind}Fault></detail></soapenv:Fault>"
        )
    }

    fn kind_and_words(&self) -> (&'static str, String) {
        match self {
            Fault::InvalidLogin => ("InvalidLogin", "The user name or the password is not right.".to_owned()),
            Fault::NotAuthenticated => ("NotAuthenticated", "The session is not authenticated.".to_owned()),
            Fault::MethodNotFound { method, .. } => {
                ("MethodNotFound", format!("There is no {method} here: this server is a content library."))
            }
            Fault::ManagedObjectNotFound { of_type, id } => {
                ("ManagedObjectNotFound", format!("There is no {of_type} {id}."))
            }
            Fault::InvalidProperty(name) => ("InvalidProperty", format!("There is no property {name}.")),
            Fault::InvalidRequest(why) => ("InvalidRequest", format!("This is no call: {why}.")),
            Fault::RuntimeFault(why) => ("RuntimeFault", why.clone()),
        }
    }
}

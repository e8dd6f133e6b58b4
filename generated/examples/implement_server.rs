//! Answers a service of the API: a trait to implement, and a router that serves it on every surface.
//!
//! In: an address to listen on. Out: a server that tells the security policies that it was given.
//!
//! ```sh
//! cargo run -p vapi --example implement_server -- 127.0.0.1:8080 &
//! curl http://127.0.0.1:8080/api/content/security-policies
//! ```
#![allow(clippy::print_stdout, reason = "an example shows something")]

use std::collections::BTreeMap;
use std::env;
use std::error::Error;

use tokio::net::TcpListener;
use vapi::content::security_policies::{
    Info, ListError, ListInput, SecurityPolicies, SecurityPoliciesServer,
};
use vapi::runtime::server::{Router, serve};
use vapi::runtime::{Context, Failure};

/// Policies by identifier, with the name that people call them.
struct Policies(BTreeMap<String, String>);

impl SecurityPolicies for Policies {
    async fn list(&self, _: &Context, _: ListInput) -> Result<Vec<Info>, Failure<ListError>> {
        // An error that the operation declares would be `Err(Unauthenticated::new(..).into())`.
        let infos = self.0.iter().map(|(id, name)| Info::new(id.as_str(), name.as_str(), BTreeMap::new()));
        Ok(infos.collect())
    }
}

fn router() -> Router {
    let policies = BTreeMap::from([("policy-1".to_owned(), "signed packages only".to_owned())]);
    Router::new().mount(SecurityPoliciesServer(Policies(policies)))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listener = TcpListener::bind(&address).await?;
    println!("http://{}", listener.local_addr()?);
    // What ends it is yours to say: a signal, for one.
    serve(listener, router(), std::future::pending()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use vapi::runtime::client::Local;
    use vapi::runtime::{Client, Surface};

    use super::*;

    #[test]
    fn it_answers_on_every_surface() {
        for surface in Surface::ALL {
            // No socket: the router is the transport.
            let client = Client::with_transport("http://policies.test", Local(router())).unwrap();
            let client = vapi::Client::from(client.surface(surface));
            let policies = client.security_policies().list().wait().unwrap();
            assert_eq!(policies.len(), 1, "{surface:?}");
            assert_eq!(policies[0].policy.as_str(), "policy-1", "{surface:?}");
        }
    }
}

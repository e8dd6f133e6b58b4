//! An authorizer is asked for what the tables say, before the implementation is.

use std::sync::{Arc, Mutex};

use vapi_runtime::client::Local;
use vapi_runtime::server::{Authorizer, Fault, Message, Needed, Permission, Resources, StandardError};
use vapi_runtime::{Client, Context, Error};

use crate::parcel::{ParcelClient, ParcelModel};
use crate::store::Store;

/// Remembers what it was asked for, and refuses whatever is about `p-2`.
#[derive(Clone, Default)]
struct Guard(Arc<Mutex<Vec<Needed>>>);

impl Authorizer for Guard {
    fn authorize<'a>(&'a self, cx: &'a Context, needed: Vec<Needed>) -> Permission<'a> {
        assert!(!needed.is_empty(), "{}", cx.operation().name);
        self.0.lock().unwrap().extend(needed.iter().cloned());
        let is_about = |needed: &&Needed, id: &str| {
            needed.on.as_ref().is_some_and(|on| on.ids.iter().any(|other| other == id))
        };
        let refused = needed.iter().find(|needed| is_about(needed, "p-2")).map(Needed::refusal);
        let is_unknown = needed.iter().any(|needed| is_about(&needed, "p-3"));
        Box::pin(async move {
            tokio::task::yield_now().await;
            if is_unknown {
                let message = Message::new("x.login", "Log in first", ["p-3"]);
                return Err(Fault::new(StandardError::Unauthenticated, message));
            }
            refused.map_or(Ok(()), Err)
        })
    }
}

#[tokio::test]
async fn an_authorizer_is_asked_first() {
    let (store, guard) = (Store::default(), Guard::default());
    let router = store.router().authorizer(guard.clone());
    let client = Client::with_transport("http://local", Local(router)).unwrap();
    let parcels = ParcelClient::new(client);
    let asked = || std::mem::take(&mut *guard.0.lock().unwrap());

    // The shelf's path leads nowhere, so nothing is needed on it.
    let _result = parcels.hand_back("p-1", "no room").await;
    let on = |resource_type, ids: &[&str]| {
        Some(Resources { resource_type, ids: ids.iter().map(|id| (*id).to_owned()).collect() })
    };
    let whole = Needed { privileges: &["Store.Login"], on: None };
    let parcel = |id| Needed {
        privileges: &["Parcel.Touch", "Parcel.HandBack"],
        on: on("com.example.store.Parcel", &[id]),
    };
    assert_eq!(asked(), [whole.clone(), parcel("p-1")]);
    assert_eq!(store.calls().len(), 1);

    let refused = parcels.hand_back("p-2", "no room").await.unwrap_err();
    assert_eq!(refused.id(), Some("com.vmware.vapi.std.errors.unauthorized"), "{refused:?}");
    assert_eq!(refused.status().unwrap(), 403);
    let text = "The privilege Parcel.Touch, Parcel.HandBack is needed on com.example.store.Parcel p-2";
    assert!(format!("{refused:?}").contains(text), "{refused:?}");
    let unknown = parcels.hand_back("p-3", "no room").await.unwrap_err();
    assert_eq!(unknown.status().unwrap(), 401);
    assert!(matches!(unknown, Error::Undocumented { .. }), "{unknown:?}");
    assert_eq!(store.calls(), [""; 0], "the implementation is not asked");
    asked();

    // Through a list; and what needs nothing asks nobody.
    let lines = vec!["a".to_owned(), "b".to_owned()];
    let _result = parcels.create(ParcelModel::new(1).lines(lines)).await;
    let drawn = Needed { privileges: &["Line.Draw"], on: on("com.example.store.Line", &["a", "b"]) };
    assert_eq!(asked(), [drawn]);
    let _result = parcels.create(ParcelModel::new(1)).await;
    let _result = parcels.get("p-1").await;
    assert_eq!(asked(), []);
    assert_eq!(store.calls().len(), 3);
    assert_eq!(whole.refusal().messages()[0].default_message, "The privilege Store.Login is needed");
}

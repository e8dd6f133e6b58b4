//! The life of update sessions through the API, the same on every surface.

use vapi::content::library::item::update_session::{CreateError, FailError};
use vapi::content::library::item::{UpdateSessionModel, UpdateSessionModelState};
use vapi::runtime::{Error, Surface};

use crate::served::Served;

#[tokio::test]
async fn a_session_lives_and_fails_on_every_surface() {
    let served = Served::new();
    let library = served.library().await;
    for (idx, surface) in Surface::ALL.into_iter().enumerate() {
        let item = served.item(&library, &format!("item-{idx}")).await;
        let sessions = served.client("ann", surface).update_session();
        let spec = || UpdateSessionModel::for_create(item.as_str());
        let token = format!("00000000-0000-4000-8000-00000000000{idx}");
        let id = sessions.create(spec()).with(|input| input.client_token(token.as_str())).await.unwrap();
        assert_eq!(
            sessions.create(spec()).with(|input| input.client_token(token.as_str())).await.unwrap(),
            id,
            "{surface:?}"
        );

        let session = sessions.get(&id).await.unwrap();
        assert_eq!(session.state, Some(UpdateSessionModelState::Active), "{surface:?}");
        assert_eq!(session.library_item_content_version.as_deref(), Some("0000000001"));
        assert_eq!(session.client_progress, Some(0));
        sessions.keep_alive(&id).with(|input| input.client_progress(40)).await.unwrap();
        assert_eq!(sessions.get(&id).await.unwrap().client_progress, Some(40));
        assert_eq!(
            sessions.list().with(|input| input.library_item_id(item.as_str())).await.unwrap(),
            std::slice::from_ref(&id)
        );

        let busy = sessions.create(spec()).await.unwrap_err();
        let status = match surface {
            Surface::JsonRpc => 200,
            Surface::Rest => 500,
            Surface::LegacyRest | Surface::Rest2014(_) => 400,
        };
        assert!(
            matches!(&busy, Error::Documented { status: s, error: CreateError::ResourceBusy(_) } if *s == status),
            "{surface:?}: {busy:?}"
        );
        sessions.fail(&id, "cable cut").await.unwrap();
        let session = sessions.get(&id).await.unwrap();
        assert_eq!(session.state, Some(UpdateSessionModelState::Error));
        assert_eq!(session.error_message.unwrap().default_message, "cable cut");
        let again = sessions.fail(&id, "again").await.unwrap_err();
        let Error::Documented { error: FailError::NotAllowedInCurrentState(error), .. } = again else {
            panic!("{surface:?}: {again:?}")
        };
        assert!(error.messages[0].default_message.contains("cable cut"), "{error:?}");
        sessions.delete(&id).await.unwrap();
        let gone = sessions.get(&id).await.unwrap_err();
        assert_eq!(gone.id(), Some("com.vmware.vapi.std.errors.not_found"), "{surface:?}");
    }
}

#[tokio::test]
async fn sessions_are_their_owners_and_expire() {
    let served = Served::new();
    let library = served.library().await;
    let item = served.item(&library, "disk").await;
    let [ann, bob, root] =
        ["ann", "bob", "root"].map(|user| served.client(user, Surface::Rest).update_session());
    let id = ann.create(UpdateSessionModel::for_create(item.as_str())).await.unwrap();
    assert_eq!(bob.list().await.unwrap(), []);
    let refused = bob.cancel(&id).await.unwrap_err();
    assert_eq!(refused.id(), Some("com.vmware.vapi.std.errors.not_found"));
    assert_eq!(root.list().await.unwrap(), std::slice::from_ref(&id));
    served.clock.pass_ms(299_000);
    ann.keep_alive(&id).await.unwrap();
    served.clock.pass_ms(299_000);
    assert_eq!(ann.get(&id).await.unwrap().state, Some(UpdateSessionModelState::Active));
    served.clock.pass_ms(2_000);
    let gone = ann.complete(&id).await.unwrap_err();
    assert_eq!(gone.id(), Some("com.vmware.vapi.std.errors.not_found"));
    assert_eq!(ann.list().await.unwrap(), []);
}

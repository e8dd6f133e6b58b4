//! Every call in every representation and URL form, through client and server: over a socket, in process, under axum.

use vapi_runtime::client::Local;
use vapi_runtime::{Client, Error, Layout, ReplyRepresentation, Representation, UrlForm};

use crate::parcel::{GetError, HandBackError, ParcelClient, ParcelModel};
use crate::store::{Served, Store, message};

const URL_FORMS: [UrlForm; 3] = [UrlForm::First, UrlForm::IdInPath, UrlForm::IdInBody];
const REPLIES: [ReplyRepresentation; 2] = [ReplyRepresentation::Json, ReplyRepresentation::Xml];

/// Makes every kind of call in every form; the store must see the same calls each time.
async fn check_calls(client: &Client, store: &Store) {
    for representation in Representation::ALL {
        for url_form in URL_FORMS {
            for reply in REPLIES {
                let client = client.clone().representation(representation).url_form(url_form).accept(reply);
                check_results(&ParcelClient::new(client.clone())).await;
                check_errors(&ParcelClient::new(client)).await;
                let calls = store.calls();
                let model = ParcelModel::new(1).lines(vec!["é".to_owned(), String::new()]);
                let model = model.inner(ParcelModel::new(2));
                let expected = [
                    &format!("create Some(\"t 1\") {model:?}"),
                    "get p-1",
                    "list Some(\"s/1?%25\")",
                    "hand_back id:1 \"a&b\" Some(-7)",
                    "get id not there",
                    "hand_back none \"\" None",
                    "hand_back busy \"r\" None",
                ];
                assert_eq!(calls, expected, "{representation:?} {url_form:?} {reply:?}");
            }
        }
    }
}

async fn check_results(parcel: &ParcelClient) {
    let model = ParcelModel::new(1).lines(vec!["é".to_owned(), String::new()]);
    let created = parcel
        .create(model.inner(ParcelModel::new(2)))
        .with(|input| input.client_token("t 1"))
        .await
        .unwrap();
    assert_eq!(created.as_str(), "p-2");
    let got = parcel.get("p-1").await.unwrap();
    assert_eq!(got, ParcelModel::new(10).label("höher & <weiter>"));
    let listed = parcel.list().with(|input| input.shelf_id("s/1?%25")).await.unwrap();
    assert_eq!(listed.iter().map(ToString::to_string).collect::<Vec<_>>(), ["p-1", "p-2"]);
    parcel.hand_back("id:1", "a&b").with(|input| input.days(-7)).await.unwrap();
}

async fn check_errors(parcel: &ParcelClient) {
    match parcel.get("id not there").await {
        Err(Error::Documented { status, error: GetError::NotFound(payload) }) => {
            assert_eq!((status.as_u16(), payload.messages), (404, message("no such parcel")));
        }
        other => panic!("{other:?}"),
    }
    match parcel.hand_back("none", "").await {
        Err(Error::Documented { status, error: HandBackError::NotFound(payload) }) => {
            assert_eq!((status.as_u16(), payload.messages), (404, message("no such parcel")));
        }
        other => panic!("{other:?}"),
    }
    match parcel.hand_back("busy", "r").await {
        Err(Error::Documented { status, error: HandBackError::ResourceBusy(payload) }) => {
            assert_eq!((status.as_u16(), payload.messages), (400, message("try later")));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn over_a_socket() {
    let store = Store::default();
    let served = Served::start(store.router()).await;
    let client = Client::new(&served.base_url()).unwrap();
    check_calls(&client, &store).await;
    served.stop().await;
}

#[tokio::test]
async fn in_process() {
    let store = Store::default();
    let client = Client::with_transport("https://anywhere", Local(store.router())).unwrap();
    check_calls(&client, &store).await;
    let page = Client::with_transport("http://anywhere", Local(store.router().layout(Layout::Page))).unwrap();
    check_calls(&page, &store).await;
}

#[tokio::test]
async fn under_axum() {
    let store = Store::default();
    let app = axum::Router::new().nest_service("/rest", store.router());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/rest/", listener.local_addr().unwrap());
    let serving = tokio::spawn(async { axum::serve(listener, app).await });
    check_calls(&Client::new(&base_url).unwrap(), &store).await;
    serving.abort();
}

//! `/sdk` as govc and pyVmomi use it, request by request: what they send, and what they look for in the reply.

use http::{Request, Response, StatusCode};

use crate::served::Listening;

const ENVELOPE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\"><Body>";

/// A server, and a client with the cookie that it was given.
struct Client {
    server: Listening,
    cookie: Option<String>,
}

impl Client {
    async fn new() -> Client {
        Client { server: Listening::new().await, cookie: None }
    }

    async fn logged_in() -> Client {
        let mut client = Client::new().await;
        let reply = client.call("Login", "SessionManager", &login("ann", "a")).await;
        assert_eq!(reply.status(), StatusCode::OK, "{}", reply.body());
        let cookie = reply.headers()["set-cookie"].to_str().expect("text");
        client.cookie = Some(cookie.split(';').next().expect("a pair").to_owned());
        client
    }

    /// An operation of an object, whose type and identifier are the same but for the service's.
    async fn call(&self, operation: &str, this: &str, arguments: &str) -> Response<String> {
        let body = format!(
            "{ENVELOPE}<{operation} xmlns=\"urn:vim25\"><_this type=\"{this}\">{this}</_this>{arguments}\
             </{operation}></Body></Envelope>"
        );
        self.post(body).await
    }

    async fn post(&self, body: impl Into<Vec<u8>>) -> Response<String> {
        let mut request = Request::post(format!("{}/sdk", self.server.url))
            .header("content-type", "text/xml; charset=\"utf-8\"")
            .header("soapaction", "urn:vim25/9.1.0.0")
            .header("user-agent", "govc/0.52.0");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", format!("other=1; {cookie}"));
        }
        self.server.send(request.body(body.into()).expect("a request")).await
    }

    /// What is collected along these filters.
    async fn collect(&self, filter: &str) -> String {
        let arguments = format!("<specSet>{filter}</specSet><options></options>");
        let reply = self.call("RetrievePropertiesEx", "PropertyCollector", &arguments).await;
        assert_eq!(reply.status(), StatusCode::OK, "{}", reply.body());
        reply.into_body()
    }
}

fn login(user: &str, password: &str) -> String {
    format!("<userName>{user}</userName><password>{password}</password><locale>en_US</locale>")
}

#[track_caller]
fn check_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{text} lacks {part}");
    }
}

#[track_caller]
fn check_fault(reply: &Response<String>, kind: &str, parts: &[&str]) {
    assert_eq!(reply.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(reply.headers()["content-type"], "text/xml; charset=utf-8");
    let element = format!("<{kind}Fault xmlns=\"urn:vim25\" xsi:type=\"{kind}\">");
    check_has(reply.body(), &["<soapenv:Fault><faultcode>ServerFaultCode</faultcode>", &element]);
    check_has(reply.body(), parts);
}

#[tokio::test]
async fn the_service_is_a_vcenter_to_anybody() {
    let client = Client::new().await;
    let reply = client.call("RetrieveServiceContent", "ServiceInstance", "").await;
    assert_eq!(reply.status(), StatusCode::OK);
    check_has(
        reply.body(),
        &[
            "<RetrieveServiceContentResponse xmlns=\"urn:vim25\"><returnval",
            "<rootFolder type=\"Folder\" xsi:type=\"ManagedObjectReference\">group-d1</rootFolder>",
            "<propertyCollector type=\"PropertyCollector\"",
            "<apiType>VirtualCenter</apiType><apiVersion>8.0.2.0</apiVersion>",
            "<sessionManager type=\"SessionManager\"",
            "<searchIndex type=\"SearchIndex\"",
        ],
    );
}

#[tokio::test]
async fn a_login_is_a_login() {
    let client = Client::logged_in().await;
    let logins = &client.server.served.app.logins;
    assert_eq!(logins.sweep(), 1);
    let id = client.cookie.as_ref().and_then(|cookie| cookie.split('"').nth(1)).expect("an identifier");
    let caller = logins.resume(&vapi::runtime::Secret::new(id)).expect("a session of the API");
    assert_eq!(caller.user(), "ann");
    let current = "<propSet><type>SessionManager</type><pathSet>currentSession</pathSet></propSet>\
        <objectSet><obj type=\"SessionManager\">SessionManager</obj><skip>false</skip></objectSet>";
    let session = client.collect(current).await;
    let key = caller.fingerprint();
    let key = format!("<val xsi:type=\"UserSession\"><key>{key}</key><userName>ann</userName>");
    check_has(
        &session,
        &["<name>currentSession</name>", &key, "<userAgent>govc/0.52.0</userAgent>", "Z</loginTime>"],
    );
    assert!(!session.contains(id), "the identifier is shown to nobody");
    let active = format!("<sessionID>{}</sessionID><userName>ann</userName>", caller.fingerprint());
    let reply = client.call("SessionIsActive", "SessionManager", &active).await;
    check_has(reply.body(), &["<returnval>true</returnval>"]);
    let reply = client.call("Logout", "SessionManager", "").await;
    check_has(reply.body(), &["<LogoutResponse xmlns=\"urn:vim25\"></LogoutResponse>"]);
    assert_eq!(logins.sweep(), 0);
    check_fault(&client.call("Logout", "SessionManager", "").await, "NotAuthenticated", &[]);
}

#[tokio::test]
async fn who_is_not_known_is_not_let_in() {
    let client = Client::new().await;
    for (user, password) in [("ann", "b"), ("nobody", ""), ("", "")] {
        let reply = client.call("Login", "SessionManager", &login(user, password)).await;
        check_fault(&reply, "InvalidLogin", &["<faultstring>The user name or the password"]);
        assert!(reply.headers().get("set-cookie").is_none());
    }
    let reply = client.call("RetrievePropertiesEx", "PropertyCollector", "").await;
    check_fault(&reply, "NotAuthenticated", &["<privilegeId>System.View</privilegeId>"]);
}

#[tokio::test]
async fn passwords_are_read_as_they_are() {
    let client = Client::new().await;
    let body = format!(
        "{ENVELOPE}<Login xmlns=\"urn:vim25\"><_this type=\"SessionManager\">SessionManager</_this>\
         <userName>&#97;nn</userName><password><![CDATA[a]]></password></Login></Body></Envelope>"
    );
    assert_eq!(client.post(body).await.status(), StatusCode::OK);
}

/// Of govc's walk: the root folder's children.
const IN_ROOT: &str = "<propSet><type>Folder</type><pathSet>name</pathSet><pathSet>childType</pathSet></propSet>\
    <propSet><type>Datacenter</type><pathSet>name</pathSet></propSet>\
    <propSet><type>ComputeResource</type><pathSet>name</pathSet><pathSet>resourcePool</pathSet></propSet>\
    <propSet><type>Datastore</type><pathSet>name</pathSet></propSet>\
    <objectSet><obj type=\"Folder\">group-d1</obj><skip>true</skip><selectSet \
    xmlns:XMLSchema-instance=\"http://www.w3.org/2001/XMLSchema-instance\" \
    XMLSchema-instance:type=\"TraversalSpec\"><type>Folder</type><path>childEntity</path><skip>false</skip>\
    </selectSet></objectSet>";

#[tokio::test]
async fn the_walk_of_library_create_ends_at_the_datastore() {
    let client = Client::logged_in().await;
    let datacenter = client.collect(IN_ROOT).await;
    check_has(
        &datacenter,
        &[
            "<returnval><objects><obj type=\"Datacenter\" xsi:type=\"ManagedObjectReference\">datacenter-1</obj>",
            "<propSet><name>name</name><val xsi:type=\"xsd:string\">contentlib</val></propSet></objects></returnval>",
        ],
    );
    assert!(!datacenter.contains("group-d1</obj>"), "what is skipped is not there");
    let folders = client
        .collect(
            "<propSet><type>Datacenter</type><pathSet>name</pathSet><pathSet>vmFolder</pathSet>\
             <pathSet>hostFolder</pathSet><pathSet>datastoreFolder</pathSet><pathSet>networkFolder</pathSet></propSet>\
             <objectSet><obj type=\"Datacenter\">datacenter-1</obj><skip>false</skip></objectSet>",
        )
        .await;
    check_has(
        &folders,
        &[
            "<name>datastoreFolder</name><val type=\"Folder\" xsi:type=\"ManagedObjectReference\">group-s1</val>",
        ],
    );
    let datastore = client.collect(&IN_ROOT.replace("group-d1", "group-s1")).await;
    check_has(&datastore, &["<obj type=\"Datastore\" xsi:type=\"ManagedObjectReference\">datastore-1</obj>"]);
}

#[tokio::test]
async fn traversals_by_name_lead_up_to_the_root() {
    let client = Client::logged_in().await;
    let ancestors = client
        .collect(
            "<propSet><type>ManagedEntity</type><pathSet>name</pathSet><pathSet>parent</pathSet></propSet>\
             <propSet><type>VirtualMachine</type><pathSet>parentVApp</pathSet></propSet>\
             <objectSet><obj type=\"Datastore\">datastore-1</obj><skip>false</skip><selectSet>\
             <name>traverseParent</name><type>ManagedEntity</type><path>parent</path><skip>false</skip>\
             <selectSet><name>traverseParent</name></selectSet></selectSet></objectSet>",
        )
        .await;
    let names: Vec<&str> = ancestors
        .split("<obj ")
        .skip(1)
        .filter_map(|object| object.split('>').nth(1)?.split('<').next())
        .collect();
    assert_eq!(names, ["datastore-1", "group-s1", "datacenter-1", "group-d1"]);
}

#[tokio::test]
async fn views_and_single_properties_are_read_too() {
    let client = Client::logged_in().await;
    let arguments =
        "<container type=\"Folder\">group-d1</container><type>Datastore</type><recursive>true</recursive>";
    let reply = client.call("CreateContainerView", "ViewManager", arguments).await;
    let view = "view:group-d1:Datastore";
    check_has(
        reply.body(),
        &[&format!("<returnval type=\"ContainerView\" xsi:type=\"ManagedObjectReference\">{view}<")],
    );
    let seen = client
        .collect(&format!(
            "<propSet><type>Datastore</type><pathSet>summary.name</pathSet></propSet><objectSet>\
             <obj type=\"ContainerView\">{view}</obj><skip>true</skip><selectSet><type>ContainerView</type>\
             <path>view</path><skip>false</skip></selectSet></objectSet>"
        ))
        .await;
    check_has(
        &seen,
        &["datastore-1", "<name>summary.name</name><val xsi:type=\"xsd:string\">contentlib</val>"],
    );
    let body = format!(
        "{ENVELOPE}<Fetch xmlns=\"urn:vim25\"><_this type=\"Datacenter\">datacenter-1</_this><prop>datastore</prop>\
         </Fetch></Body></Envelope>"
    );
    check_has(
        client.post(body).await.body(),
        &["<returnval xsi:type=\"ArrayOfManagedObjectReference\"><ManagedObjectReference type=\"Datastore\""],
    );
    let all = "<propSet><type>Datastore</type><all>true</all></propSet>\
        <objectSet><obj type=\"Datastore\">datastore-1</obj></objectSet>";
    check_has(
        &client.collect(all).await,
        &[
            "<val xsi:type=\"DatastoreSummary\"><datastore type=\"Datastore\"",
            "<accessible>true</accessible>",
        ],
    );
    assert_eq!(client.call("DestroyView", view, "").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn paths_lead_to_objects() {
    let client = Client::logged_in().await;
    for (path, id) in [
        ("", "group-d1"),
        ("/contentlib", "datacenter-1"),
        ("contentlib/vm", "group-v1"),
        ("contentlib/datastore/contentlib", "datastore-1"),
    ] {
        let arguments = format!("<inventoryPath>{path}</inventoryPath>");
        let reply = client.call("FindByInventoryPath", "SearchIndex", &arguments).await;
        check_has(reply.body(), &[&format!(">{id}</returnval>")]);
    }
    let arguments = "<inventoryPath>contentlib/nothing</inventoryPath>";
    let reply = client.call("FindByInventoryPath", "SearchIndex", arguments).await;
    check_has(
        reply.body(),
        &["<FindByInventoryPathResponse xmlns=\"urn:vim25\"></FindByInventoryPathResponse>"],
    );
}

#[tokio::test]
async fn what_there_is_not_is_a_fault_that_clients_know() {
    let client = Client::logged_in().await;
    let reply = client.call("PowerOnVM_Task", "VirtualMachine", "").await;
    check_fault(
        &reply,
        "MethodNotFound",
        &["<method>PowerOnVM_Task</method>", "<receiver type=\"VirtualMachine\"", "content library"],
    );
    let nowhere = "<specSet><propSet><type>Folder</type><all>true</all></propSet>\
        <objectSet><obj type=\"Folder\">group-x&lt;</obj></objectSet></specSet>";
    let reply = client.call("RetrieveProperties", "PropertyCollector", nowhere).await;
    check_fault(&reply, "ManagedObjectNotFound", &["<obj type=\"Folder\"", "group-x&lt;</obj>"]);
    let without = "<specSet><propSet><type>SessionManager</type><pathSet>x</pathSet></propSet>\
        <objectSet><obj type=\"SessionManager\">SessionManager</obj></objectSet></specSet>";
    let reply = client.call("RetrieveProperties", "PropertyCollector", without).await;
    check_fault(&reply, "InvalidProperty", &["<name>x</name>"]);
}

#[tokio::test]
async fn what_is_no_call_is_refused() {
    let client = Client::new().await;
    let doctype = format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{}", &ENVELOPE[39..]);
    let deep = format!("{ENVELOPE}{}", "<a>".repeat(10_000));
    let wide = format!("{ENVELOPE}{}</Body></Envelope>", "<a/>".repeat(10_000));
    for body in [
        "",
        "x",
        "<a",
        "<a></b>",
        "<Envelope/>",
        "<Envelope><Body/></Envelope>",
        "<a/>",
        &doctype,
        &deep,
        &wide,
    ] {
        check_fault(&client.post(body).await, "InvalidRequest", &["This is no call"]);
    }
    check_fault(
        &client.post("é".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>()).await,
        "InvalidRequest",
        &["UTF-8"],
    );
    check_fault(&client.post("x".repeat(300_000)).await, "InvalidRequest", &["262144 bytes"]);
}

#[tokio::test]
async fn releases_are_listed_for_clients_that_choose() {
    let client = Client::new().await;
    let request = Request::get(format!("{}/sdk/vimServiceVersions.xml", client.server.url)).body(Vec::new());
    let reply = client.server.send(request.expect("a request")).await;
    check_has(
        reply.body(),
        &["<name>urn:vim25</name><version>8.0.2.0</version><priorVersions><version>8.0.1.0</version>"],
    );
}

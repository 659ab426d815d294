//! Requests and answers as the vendor's documentation prints them.

use super::*;

fn add_sample(format: Format) -> (&'static str, &'static str) {
    match format {
        Format::Json => (include_str!("samples/add-request.json"), include_str!("samples/add-answer.json")),
        Format::Xml => (include_str!("samples/add-request.xml"), include_str!("samples/add-answer.xml")),
    }
}

fn dial_sample(format: Format) -> (&'static str, &'static str) {
    match format {
        Format::Json => (include_str!("samples/dial-request.json"), include_str!("samples/dial-answer.json")),
        Format::Xml => (include_str!("samples/dial-request.xml"), include_str!("samples/dial-answer.xml")),
    }
}

/// A body of the documentation, whatever its format.
fn documented(body: &str) -> Json {
    if body.starts_with('{') { serde_json::from_str(body).unwrap() } else { Json::Object(flat(body)) }
}

/// Method, path, query and the headers that the documentation names.
fn is_documented(request: &Request<Bytes>, format: Format, endpoint: &str) {
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri().path(), format!("/api/v0.0.1/{endpoint}"));
    let (kind, content_type) = match format {
        Format::Json => ("json", "application/json; charset=utf-8"),
        Format::Xml => ("xml", "application/xml; charset=utf-8"),
    };
    assert_eq!(request.uri().query().unwrap(), format!("token={TOKEN}&type={kind}"));
    assert_eq!(request.uri().host(), Some("172.16.6.150"));
    assert_eq!(request.headers()["content-type"], content_type);
}

#[tokio::test(start_paused = true)]
async fn a_new_trunk() {
    for format in FORMATS {
        let (body, answer) = add_sample(format);
        let fake = raw(format, move |path| path.ends_with("/add").then(|| fake::reply(200, "text/html", answer)));
        let session = session(&fake, format);
        // The sample in XML writes the domain, the one in JSON doesn't.
        let written = format == Format::Xml;
        let domain = if written { Value::text("172.16.108.16") } else { Value::Unset };
        let values = with(register_values("Rqzswb55"), "domain", domain);
        let object = NewObject { kind: &TRUNK, key: "to-108-16-test", values: &values };
        assert_eq!(session.create(&object).await, Ok(None));
        let asked = fake.asked();
        is_documented(&asked[1], format, "siptrunk/add");
        assert_eq!(said(&asked[1]), documented(body));
        assert_eq!(said(&asked[1]).get("domain").is_some(), written);
    }
}

#[tokio::test(start_paused = true)]
async fn the_elements_come_in_the_documented_order() {
    let fake = pbx(Format::Xml, |_| None);
    let values = with(register_values("Rqzswb55"), "domain", Value::text("172.16.108.16"));
    let object = NewObject { kind: &TRUNK, key: "to-108-16-test", values: &values };
    session(&fake, Format::Xml).create(&object).await.unwrap();
    let sample: String = add_sample(Format::Xml).0.split(['\n', '\t']).collect();
    assert_eq!(fake.asked()[1].body(), &sample);
}

#[tokio::test(start_paused = true)]
async fn a_call_between_extensions() {
    for format in FORMATS {
        let (body, answer) = dial_sample(format);
        let fake =
            raw(format, move |path| path.ends_with("/dial_extension").then(|| fake::reply(200, "text/html", answer)));
        let session = session(&fake, format);
        assert_eq!(session.dial(&check()).await, Ok(None));
        let asked = fake.asked();
        is_documented(&asked[1], format, "extension/dial_extension");
        assert_eq!(said(&asked[1]), documented(body));

        session.dial(&CallCheck { auto_answer: true, ..check() }).await.unwrap();
        assert_eq!(said(&fake.asked()[2])["autoanswer"], "yes");
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_and_a_query_are_a_plan() {
    for format in FORMATS {
        let fake = raw(format, move |path| {
            let sample = match format {
                Format::Json => include_str!("samples/query-answer.json"),
                Format::Xml => include_str!("samples/query-answer.xml"),
            };
            path.ends_with("/query").then(|| fake::reply(200, "text/html", sample))
        });
        let session = session(&fake, format);
        let snapshot = session.snapshot(&[&TRUNK]).await.unwrap();
        assert!(snapshot.is_complete());
        assert_eq!((snapshot.requests, session.requests()), (2, 2));
        let object = &snapshot.listings[0].objects[0];
        assert_eq!((&*object.key, &*object.remote_id), ("to-108-16", "1"));
        let expected = with(register_values("sample-p4ssw0rd"), "domain", Value::text("172.16.108.16"));
        assert_eq!(&*object.values, expected);
        assert!(object.resets().is_empty());

        let asked = fake.asked();
        assert_eq!(asked[0].uri().path(), "/api/v0.0.1/login");
        assert_eq!(asked[0].uri().query().unwrap(), format!("type={}", format.name()));
        let password = crate::provider::pbx::md5_hex(PASSWORD);
        let login = json!({"username": "api", "password": password, "port": "8260", "version": "0.0.1"});
        assert_eq!(said(&asked[0]), login);
        is_documented(&asked[1], format, "siptrunk/query");
        assert_eq!(said(&asked[1]), json!({"trunkname": "all"}));
    }
}

#[tokio::test(start_paused = true)]
async fn the_version_is_the_targets() {
    let fake = pbx(Format::Json, |_| None);
    let (mut target, client) = parts(&fake, Format::Json);
    target.settings[2] = Value::text("v1.1.0");
    Session::new(&target, client).dial(&check()).await.unwrap();
    assert_eq!(fake.paths(), ["/api/v1.1.0/login", "/api/v1.1.0/extension/dial_extension"]);
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_says_address_and_port() {
    for format in FORMATS {
        let fake = pbx(format, |_| None);
        let session = session(&fake, format);
        session.dial(&check()).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_mins(11)).await;
        let asked = fake.asked();
        is_documented(asked.last().unwrap(), format, "heartbeat");
        assert_eq!(said(asked.last().unwrap()), json!({"ipaddr": "127.0.0.1", "port": "8260"}));
        session.close().await;
        is_documented(fake.asked().last().unwrap(), format, "logout");
    }
}

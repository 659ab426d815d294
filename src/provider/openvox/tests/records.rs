//! What comes back: whole, doubtful, or no answer at all.

use proptest::prelude::*;

use super::*;
use crate::http::Class;
use crate::model::Completeness;

fn peer(id: &str, name: &str) -> Json {
    json!({"id": id, "trunkname": name, "tech": "pjsip", "trunktype": "peer", "host": "10.0.0.1", "port": "5060",
           "domain": "10.0.0.1"})
}

/// The listing that the PBX's answer to a query makes.
async fn listing(format: Format, answer: Json) -> Result<Listing, Failure> {
    let fake = pbx(format, move |path| path.ends_with("/query").then(|| answer.clone()));
    Ok(session(&fake, format).snapshot(&[&TRUNK]).await?.listings.remove(0))
}

fn decoded(format: Format, status: u16, body: &[u8]) -> Result<Record, Failure> {
    let answer = Response::builder().status(status).body(Bytes::copy_from_slice(body)).unwrap();
    response::decode(format, Class::Read, &answer)
}

#[tokio::test(start_paused = true)]
async fn listings_that_are_whole() {
    for format in FORMATS {
        for (answer, count) in [
            (json!({"status": "success", "trunks": [peer("1", "a"), peer("2", "b")]}), 2),
            (json!({"status": "Success", "trunks": [peer("1", "a")]}), 1),
            (json!({"status": "Success", "trunks": []}), 0),
            (json!({"status": "Success", "trunks": "\n\t"}), 0),
            (json!({"status": "Failed", "errno": "10062"}), 0),
        ] {
            let listing = listing(format, answer.clone()).await.unwrap();
            assert_eq!((&listing.completeness, listing.objects.len()), (&Completeness::Complete, count), "{answer}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn listings_that_are_not() {
    for format in FORMATS {
        for (trunks, reason) in [
            (json!([peer("1", "a"), peer("2", "a")]), r#"siptrunk/query shows "a" twice"#),
            (json!([peer("1", "a"), peer("1", "b")]), r#"siptrunk/query shows "b" twice"#),
            (json!([peer("1", "")]), "siptrunk/query: a trunk has no name"),
            (json!([peer("all", "a")]), "can't be one trunk's id"),
            (json!([{"id": "1", "trunkname": "a", "trunktype": "quantum"}]), "of a type that is not known"),
            (json!(["", peer("1", "a")]), "an entry is no record"),
        ] {
            let listing = listing(format, json!({"status": "Success", "trunks": trunks})).await.unwrap();
            let Completeness::Incomplete(found) = listing.completeness else { panic!("complete: {trunks}") };
            assert!(found.contains(reason), "{found:?} for {trunks}");
        }
        for no_list in [json!("none"), json!({"a": "b"})] {
            let failure = listing(format, json!({"status": "Success", "trunks": no_list})).await.unwrap_err();
            assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Unknown, "bad_shape"));
        }
        let listing = listing(format, json!({"status": "Success"})).await.unwrap();
        assert_eq!(listing.completeness, Completeness::Incomplete("siptrunk/query gives no list".into()));
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_resets_what_nobody_knows() {
    for format in FORMATS {
        let mut record = peer("1", "a");
        record["dtmfmode"] = json!("rfc4733");
        record["extensionsdod"] = json!("5503301-yeastar-1000");
        let listing = listing(format, json!({"status": "Success", "trunks": [record]})).await.unwrap();
        assert_eq!(listing.objects[0].resets(), ["dtmfmode".into(), "extensionsdod".into()]);
    }
}

/// The words of a limit are fixed texts.
#[test]
fn the_limits_are_those_that_are_said() {
    assert_eq!((xml::MAX_DEPTH, xml::MAX_ELEMENTS), (8, 1_000_000));
    assert_eq!(crate::provider::limits::MAX_TEXT_BYTES, 65_536);
}

#[test]
fn what_is_no_answer_is_an_error_and_never_an_empty_list() {
    let deep = format!("<xml><status>Success</status>{}{}</xml>", "<a>".repeat(99), "</a>".repeat(99));
    let long = format!("<xml><status>{}</status></xml>", "x".repeat(65_537));
    let many = format!("<xml>{}</xml>", "<a/>".repeat(xml::MAX_ELEMENTS));
    let bomb = r#"<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><status>&b;</status></xml>"#;
    for (body, reason) in [
        ("<html><status>Success</status></html>", "its root is not xml"),
        ("<!DOCTYPE html><html><body>hi</body></html>", "it has a document type"),
        (bomb, "it has a document type"),
        ("<xml><status>&b;</status></xml>", "an entity that XML doesn't define"),
        ("<xml><status>&#0;</status></xml>", "an entity that XML doesn't define"),
        ("<XML><status>Success</status></XML>", "its root is not xml"),
        ("<xml><trunks></trunks></xml>", "it has no status"),
        ("<xml><trunks><item><status>Success</status></item></trunks></xml>", "it has no status"),
        ("<xml><status>Success</status>", "it is cut off"),
        ("<xml><status>Success</stat", "not well-formed"),
        ("<xml><status>Success</xml>", "not well-formed"),
        ("<xml><status>Success</status></xml><xml/>", "something follows its root"),
        ("<xml><status>Success</status></xml>junk", "text outside of its root"),
        ("<xml><status>Success<b/></status></xml>", "mixes text and elements"),
        ("<xml>Success</xml>", "its root holds no elements"),
        ("<xml/>", "its root holds no elements"),
        ("", "it has no root"),
        (r#"{"status":"Success"}"#, "text outside of its root"),
        (&deep, "nested more than 8 deep, the deepest that is read"),
        (&long, "a text of more than 65536 bytes, the longest that is read"),
        (&many, "more than 1000000 elements, the most that is read"),
    ] {
        let failure = decoded(Format::Xml, 200, body.as_bytes()).unwrap_err();
        assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Unknown, "not_xml"), "{body}");
        assert!(failure.message.contains(reason), "{:?} for {body}", failure.message);
    }
    assert!(decoded(Format::Xml, 200, b"<xml><status>\xff</status></xml>").is_err());
    assert_eq!(decoded(Format::Xml, 404, b"<html/>").unwrap_err().code, "http_404");
    assert_eq!(decoded(Format::Json, 200, b"<html>").unwrap_err().code, "not_json");
}

#[test]
fn every_way_to_write_a_text() {
    let body = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- hi -->\n<xml>\r\n\t<status>Success</status>\
                <a>&lt;&gt;&amp;&quot;&apos;&#20013;&#x7ee7;<![CDATA[<&>]]></a><b/><c> x </c><d>1</d><d>2</d></xml>\n";
    let record = decoded(Format::Xml, 200, body.as_bytes()).unwrap();
    let expected = json!({"status": "Success", "a": "<>&\"'中继<&>", "b": "", "c": " x ", "d": ["1", "2"]});
    assert_eq!(Json::Object(record), expected);
}

#[tokio::test(start_paused = true)]
async fn no_failure_shows_a_secret() {
    let echo = format!("{PASSWORD} {TOKEN} {} s3cret-canary", crate::provider::pbx::md5_hex(PASSWORD));
    for format in FORMATS {
        for body in [
            echo.clone(),
            format!("<html>{echo}</html>"),
            format!("<xml>{echo}</xml>"),
            format!("<xml><status>Failed</status><errno>{echo}</errno></xml>"),
            json!({"status": echo, "errno": echo}).to_string(),
            json!([echo]).to_string(),
        ] {
            let fake =
                raw(format, move |path| (!path.ends_with("/login")).then(|| fake::reply(200, "text/html", &body)));
            let session = session(&fake, format);
            keeps_secrets(&session.snapshot(&[&TRUNK]).await.unwrap_err());
            keeps_secrets(&session.dial(&check()).await.unwrap_err());
        }
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![".*", "\\PC*", "[<>&\"' \t\r\n;#x0-9中继\u{fffd}\u{10ffff}]{0,12}"]
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..64), text in ".*") {
        for format in FORMATS {
            let _ = decoded(format, 200, &body);
            let _ = decoded(format, 200, text.as_bytes());
        }
    }

    #[test]
    fn almost_xml_is_read_or_refused(
        parts in prop::collection::vec(prop::sample::select(&[
            "<xml>", "</xml>", "<status>", "</status>", "Success", "<trunks>", "</trunks>", "<item id=\"0\">", "</item>", "<id/>",
            "<id>", "</id>", "1", "&amp;", "&#", ";", "<![CDATA[", "]]>", "<!--", "-->", "<?", "?>", "<!DOCTYPE", ">", "<", " ", "\u{0}",
        ]), 0..40),
    ) {
        if let Ok(record) = decoded(Format::Xml, 200, parts.concat().as_bytes()) {
            let _ = listing::read(trunks(), &record);
        }
    }

    #[test]
    fn trunks_read_back_as_they_were_written(
        name in any_text(), password in any_text(), user in any_text(), port in 1..=65535_i64,
    ) {
        let values = with(register_values(&password), "username", Value::text(user));
        let values = with(values, "port", Value::Integer(port));
        let object = NewObject { kind: &TRUNK, key: &name, values: &values };
        let Ok(params) = request::add(trunks(), &object) else { return Ok(()) };
        for format in FORMATS {
            // A control character can't be written in XML.
            let Ok(body) = request::Api::new("http://pbx", "v0.0.1", format).encode(&params) else { continue };
            let record = match format {
                Format::Json => serde_json::from_slice(&body).unwrap(),
                Format::Xml => xml::read(&body).unwrap(),
            };
            for (name, text) in params.iter() {
                prop_assert_eq!(record[name].as_str(), Some(text));
            }
            prop_assert_eq!(record.len(), params.iter().count());
        }
    }
}

//! Texts that XML would take for markup, or can't hold.

use super::*;
use crate::provider::pbx::Params;

fn body(text: &str) -> Result<String, Failure> {
    let params = Params::default().with("trunkname", text);
    xml::write(&params).map(|body| String::from_utf8(body.to_vec()).unwrap())
}

#[test]
fn markup_goes_out_escaped() {
    for (text, element) in [
        ("plain", "plain"),
        ("a&b", "a&amp;b"),
        ("</trunkname><x>", "&lt;/trunkname&gt;&lt;x&gt;"),
        ("\"'", "&quot;&apos;"),
        ("中继 é", "中继 é"),
        ("", ""),
        ("a\rb", "a&#13;b"),
        ("]]>", "]]&gt;"),
    ] {
        let expected = format!(r#"<?xml version="1.0" encoding="UTF-8" ?><xml><trunkname>{element}</trunkname></xml>"#);
        assert_eq!(body(text), Ok(expected));
    }
}

#[test]
fn what_xml_cannot_hold_is_not_sent() {
    for text in ["\0", "a\u{1b}[2J", "\u{8}", "\u{ffff}"] {
        let failure = body(&format!("s3cret-canary{text}")).unwrap_err();
        assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Refused, "bad_value"), "{text:?}");
        keeps_secrets(&failure);
    }
}

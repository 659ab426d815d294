//! Updates that replace everything, deletes by name, refusals.

use super::*;

fn seen() -> Vec<Value> {
    with(register_values("trunk-s3cret-canary"), "domain", Value::text("172.16.108.16"))
}

/// What an update sends, as the PBX hears it.
async fn update(format: Format, live: &[Value], wanted: &[Value], fields: &[&str]) -> Result<Json, Failure> {
    let fake = pbx(format, |_| None);
    let live = self::live("2", "old", live.to_vec());
    let update = Update { kind: &TRUNK, live: &live, key: "new", values: wanted, changed: changed(fields) };
    session(&fake, format).update(&update).await?;
    assert_eq!(fake.paths()[1], "/api/v0.0.1/siptrunk/update");
    Ok(said(&fake.asked()[1]))
}

#[tokio::test(start_paused = true)]
async fn an_update_says_everything() {
    for format in FORMATS {
        let wanted = with(seen(), "port", Value::Integer(5061));
        let expected = json!({
            "id": "2", "trunkname": "new", "trunktype": "register", "host": "172.16.108.16", "port": "5061",
            "username": "6100", "authname": "6100", "password": "trunk-s3cret-canary", "fromuser": "",
        });
        assert_eq!(update(format, &seen(), &wanted, &["port"]).await, Ok(expected));

        let peer = with(seen(), "type", Value::text("peer"));
        let expected =
            json!({"id": "2", "trunkname": "new", "trunktype": "peer", "host": "172.16.108.16", "port": "5060"});
        assert_eq!(update(format, &peer, &peer, &["port"]).await, Ok(expected));
    }
}

#[tokio::test(start_paused = true)]
async fn the_computed_domain_is_said_only_where_somebody_chose_it() {
    let domain = |text: &str| with(seen(), "domain", Value::text(text));
    let moved = |values: Vec<Value>| with(values, "host", Value::text("10.0.0.1"));
    for (live, wanted, fields, said) in [
        // The host moves, and the PBX computes the domain anew.
        (seen(), moved(seen()), ["host"].as_slice(), None),
        (with(seen(), "domain", Value::NotReadable), seen(), &["port"], None),
        (domain(""), domain(""), &["port"], None),
        // The YAML changes it.
        (seen(), domain("sip.example.com"), &["domain"], Some("sip.example.com")),
        // It was chosen before, and stays.
        (domain("sip.example.com"), moved(domain("sip.example.com")), &["host"], Some("sip.example.com")),
    ] {
        let sent = update(Format::Json, &live, &wanted, fields).await.unwrap();
        assert_eq!(sent.get("domain").and_then(Json::as_str), said, "{live:?} {fields:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_box_hides_is_not_reset() {
    let hidden = with(seen(), "password", Value::NotReadable);
    let failure = update(Format::Json, &hidden, &hidden, &["port"]).await.unwrap_err();
    assert_eq!((failure.kind, failure.field), (FailureKind::Refused, Some("password")));
    // What the YAML says in its place is enough.
    assert!(update(Format::Json, &hidden, &seen(), &["port"]).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_delete_names_one_trunk() {
    for format in FORMATS {
        let fake = pbx(format, |_| None);
        session(&fake, format).delete(&TRUNK, &live("2", "to-108-16", seen())).await.unwrap();
        assert_eq!(fake.paths()[1], "/api/v0.0.1/siptrunk/delete");
        assert_eq!(said(&fake.asked()[1]), json!({"trunkname": "to-108-16"}));

        let gone = pbx(format, |path| path.ends_with("/delete").then(|| failed("10062")).flatten());
        assert_eq!(session(&gone, format).delete(&TRUNK, &live("2", "a", seen())).await, Ok(()));
    }
}

#[tokio::test(start_paused = true)]
async fn no_write_goes_out_for_a_name_that_is_a_list() {
    let fake = pbx(Format::Xml, |_| None);
    let session = session(&fake, Format::Xml);
    for name in ["", " ", "all", "ALL", " all\t", "a,b", "a,", ","] {
        let live = live("2", name, seen());
        let update = Update { kind: &TRUNK, live: &live, key: name, values: &live.values, changed: changed(&["port"]) };
        let object = NewObject { kind: &TRUNK, key: name, values: &live.values };
        for failure in [
            session.delete(&TRUNK, &live).await.unwrap_err(),
            session.update(&update).await.unwrap_err(),
            session.create(&object).await.unwrap_err(),
        ] {
            assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Refused, "bad_name"), "{name:?}");
        }
    }
    assert!(fake.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_the_pbx_refuses_is_said_in_words() {
    for format in FORMATS {
        for (errno, kind, code) in [
            ("10043", FailureKind::Exists, "10043"),
            ("20003", FailureKind::Credentials, "20003"),
            ("20015", FailureKind::Locked, "20015"),
            ("", FailureKind::Refused, "no_errno"),
        ] {
            let fake = pbx(format, move |path| path.ends_with("/add").then(|| failed(errno)).flatten());
            let session = session(&fake, format);
            let values = seen();
            let failure = session.create(&NewObject { kind: &TRUNK, key: "a", values: &values }).await.unwrap_err();
            assert_eq!((failure.kind, failure.code.as_str()), (kind, code));
        }
        let fake = pbx(format, |_| failed("30003"));
        let failure = session(&fake, format).snapshot(&[&TRUNK]).await.unwrap_err();
        assert_eq!((failure.kind, fake.asked().len()), (FailureKind::Credentials, 1));

        let fake = pbx(format, |path| path.ends_with("/query").then(|| failed("10003")).flatten());
        let failure = session(&fake, format).snapshot(&[&TRUNK]).await.unwrap_err();
        assert_eq!(
            failure.hint.as_deref(),
            Some("this PBX doesn't speak v0.0.1; set api_version to the one that it speaks")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_the_box_has_heard_of_is_never_repeated() {
    for (errno, word) in
        [("10004", "misses"), ("10006", "no extension 101"), ("10008", "can't take"), ("10025", "often")]
    {
        let fake = pbx(Format::Xml, move |path| path.ends_with("/dial_extension").then(|| failed(errno)).flatten());
        let failure = session(&fake, Format::Xml).dial(&check()).await.unwrap_err();
        assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Refused, errno));
        assert!(failure.message.contains(word), "{}", failure.message);
        assert_eq!(fake.count("/dial_extension"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_token_is_renewed() {
    for format in FORMATS {
        let deaths = std::sync::atomic::AtomicUsize::new(0);
        let fake = pbx(format, move |path| {
            let dies = path.ends_with("/query") && deaths.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
            if dies {
                failed("20006")
            } else {
                path.ends_with("/query").then(|| json!({"status": "Success", "trunks": ""}))
            }
        });
        assert!(session(&fake, format).snapshot(&[&TRUNK]).await.unwrap().is_complete());
        assert_eq!((fake.count("/login"), fake.count("/query")), (2, 2));
    }
}

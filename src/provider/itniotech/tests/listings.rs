//! Pages over the wire: what is asked for, and when a listing isn't whole.

use std::time::Duration;

use super::*;

fn phones(count: usize) -> Vec<Json> {
    (1..=count).map(|place| phone(&format!("group-{}", place % 7), &format!("sip-{place}"))).collect()
}

#[tokio::test(start_paused = true)]
async fn only_the_kinds_asked_for_are_read() {
    for (kinds, paths) in [
        (vec![&PHONE_GROUP], vec![request::PHONE_QUERY]),
        (vec![&CALL_CENTER_TRUNK], vec![request::TRUNK_QUERY]),
        (vec![&NUMBER], vec![request::NUMBER_QUERY]),
        (vec![&crate::model::kinds::TRUNK], vec![]),
        (
            vec![&NUMBER, &PHONE_GROUP, &CALL_CENTER_TRUNK],
            vec![request::NUMBER_QUERY, request::PHONE_QUERY, request::TRUNK_QUERY],
        ),
    ] {
        let fake = platform(|_, _| None);
        let session = session(&fake);
        let snapshot = session.snapshot(&kinds).await.unwrap();
        assert_eq!(fake.paths(), paths);
        assert!(snapshot.is_complete());
        let read: Vec<_> = snapshot.listings.iter().map(|listing| listing.objects.len()).collect();
        assert_eq!(read, vec![1; paths.len()]);
        assert_eq!(usize::try_from(snapshot.requests).unwrap(), paths.len());
        session.close().await;
        assert_eq!(usize::try_from(session.requests()).unwrap(), paths.len());
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_for() {
    let fake = platform(|_, _| None);
    session(&fake).snapshot(&[&PHONE_GROUP, &CALL_CENTER_TRUNK, &NUMBER]).await.unwrap();
    let bodies: Vec<_> = fake.asked().iter().map(fake::body).collect();
    let of_app = json!({"current": 1, "size": 100, "params": {"appId": "app1"}});
    assert_eq!(bodies, [of_app.clone(), json!({"current": 1, "size": 100, "params": {}}), of_app]);
}

#[tokio::test(start_paused = true)]
async fn every_page_is_read_and_none_more() {
    for (count, pages) in [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (200, 2), (350, 4)] {
        let records = phones(count);
        let fake = Fake::new(move |_, request| page_of(&records, request));
        let snapshot = session(&fake).snapshot(&[&PHONE_GROUP]).await.unwrap();
        assert_eq!(fake.asked().len(), pages, "{count}");
        let listing = &snapshot.listings[0];
        assert_eq!(listing.completeness, Completeness::Complete, "{count}");
        let phones: usize = listing.objects.iter().map(|group| group.credentials().len()).sum();
        assert_eq!(phones, count);
    }
}

#[tokio::test(start_paused = true)]
async fn a_platform_with_smaller_pages_is_read_to_the_end() {
    let records = phones(30);
    let fake = Fake::new(move |count, _| ok(&json!({"total": "30", "records": records[count * 10..][..10]})));
    let snapshot = session(&fake).snapshot(&[&PHONE_GROUP]).await.unwrap();
    assert!(snapshot.is_complete());
    assert_eq!(fake.asked().len(), 3);
}

/// Answers page by page, and with an empty page behind the last one.
async fn verdict_of(pages: Vec<Json>) -> (String, usize, Listing) {
    let fake = Fake::new(move |count, _| {
        ok(pages.get(count).unwrap_or(&json!({"total": pages.last().map(|page| page["total"].clone()), "records": []})))
    });
    let mut snapshot = session(&fake).snapshot(&[&PHONE_GROUP]).await.unwrap();
    let listing = snapshot.listings.pop().unwrap();
    let Completeness::Incomplete(reason) = &listing.completeness else { panic!("complete: {listing:?}") };
    (reason.clone(), fake.asked().len(), listing)
}

#[tokio::test(start_paused = true)]
async fn shifting_and_short_listings_are_incomplete() {
    let p = |place: usize| phone("group", &format!("sip-{place}"));
    let page = |total: usize, from: usize, to: usize| json!({"total": total, "records": (from..to).map(p).collect::<Vec<_>>()});
    for (pages, asked, expected) in [
        // Ends early.
        (vec![page(3, 0, 2)], 2, "/voice/sipQuery: 2 of 3 were shown, on 2 pages"),
        (vec![page(3, 0, 0)], 1, "0 of 3 were shown"),
        // More than there should be.
        (vec![page(1, 0, 2)], 1, "2 of 1 were shown"),
        // One was removed in between: the first of the second page was never shown.
        (vec![page(5, 0, 2), page(4, 3, 5)], 2, "there were 5 on one page and 4 on the next"),
        // One was made in between: the last of the first page comes again.
        (vec![page(4, 0, 2), page(5, 1, 3), page(5, 3, 4)], 3, "there were 4 on one page and 5 on the next"),
        // One went and one came: only the repetition shows it.
        (vec![page(4, 0, 2), page(4, 1, 3)], 2, r#"the phone "sip-1" is shown twice"#),
        // Nobody knows how many there are.
        (vec![json!({"records": [p(1)]})], 1, "page 1 doesn't say how many"),
        (vec![json!({"total": -1, "records": [p(1)]})], 1, "page 1 doesn't say how many"),
        (vec![Json::Null], 1, "page 1 doesn't say how many"),
        (vec![json!({"total": 1, "records": [{"phoneName": "sip-1"}]})], 1, "has no name, or no group"),
        (vec![json!({"total": 1, "records": [{"groupName": "group"}]})], 1, "has no name, or no group"),
    ] {
        let (reason, requests, listing) = verdict_of(pages).await;
        assert!(reason.contains(expected), "{reason:?} for {expected:?}");
        assert_eq!(requests, asked, "{expected}");
        for group in listing.objects {
            assert_eq!(*value(&PHONE_GROUP, &group.values, "quantity"), Value::NotReadable, "{expected}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_without_end_is_given_up() {
    let fake = Fake::new(|count, _| {
        ok(&json!({"total": 1_000_000_000, "records": [phone("group", &format!("sip-{count}"))]}))
    });
    let snapshot = session(&fake).snapshot(&[&PHONE_GROUP]).await.unwrap();
    let Completeness::Incomplete(why) = &snapshot.listings[0].completeness else { panic!("complete") };
    assert!(why.contains("it goes on behind 1000 pages, the most that is read of a listing"), "{why}");
    assert_eq!(fake.asked().len(), usize::try_from(paging::MAX_PAGES).unwrap());
}

#[tokio::test(start_paused = true)]
async fn the_same_page_again_and_again_is_noticed() {
    for (total, size) in [(json!(4_294_967_296_u64), 100), (json!("250"), 100), (json!(u64::MAX), 1)] {
        let records = phones(size);
        let fake = Fake::new(move |_, _| ok(&json!({"total": total, "records": records})));
        let snapshot = session(&fake).snapshot(&[&PHONE_GROUP]).await.unwrap();
        let Completeness::Incomplete(why) = &snapshot.listings[0].completeness else { panic!("complete") };
        assert!(why.contains("page 2 repeats the one before it"), "{why}");
        assert_eq!(fake.asked().len(), 2);
    }
}

#[test]
fn records_and_bytes_have_their_limits_too() {
    let record = || phone("g", "p").as_object().unwrap().clone();
    let page = |records: usize, bytes| wire::Page {
        total: serde_json::from_str("4294967296").unwrap(),
        records: (0..records).map(|_| record()).collect(),
        bytes,
    };
    for (page, why) in [
        (page(paging::MAX_RECORDS, 1), "it goes on behind 100000 records, the most that is read of a listing"),
        (page(1, 300 << 20), "it goes on behind 256 MiB, the most that is read of a listing"),
    ] {
        let mut pages = paging::Pages::default();
        assert!(!pages.add(page));
        let Completeness::Incomplete(said) = pages.finish().1.verdict("call") else { panic!("complete") };
        assert!(said.contains(why), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_fails_is_repeated_and_else_fails_the_listing() {
    let lost = || Some(Err(TransportError::TimedOut(Duration::from_secs(30))));
    let fake = platform(move |count, _| if count == 0 { lost() } else { None });
    assert!(session(&fake).snapshot(&[&NUMBER]).await.unwrap().is_complete());
    let fake = platform(|count, _| (count == 0).then(|| refuse("-18", "system error")));
    assert!(session(&fake).snapshot(&[&NUMBER]).await.unwrap().is_complete());
    assert_eq!(fake.asked().len(), 2);
    for reply in [
        r#"{"status":0,"data":[0]}"#,
        r#"{"status":0,"data":{"total":0,"records":{}}}"#,
        r#"{"status":0,"data":{"total":1,"records":[1]}}"#,
    ] {
        let fake = platform(move |_, _| Some(fake::reply(200, "application/json", reply)));
        assert_eq!(session(&fake).snapshot(&[&NUMBER]).await.unwrap_err().code, "bad_shape");
    }
}

//! The same cases for every vendor, dialect and kind: a new one gets them all by a line below.
//!
//! What a vendor can't do by its table is expected to be told, never skipped by name.
//!
//! | file | what is in it |
//! |---|---|
//! | `subject` | one kind of one vendor in one dialect, and what the cases need of it |
//! | `life` | empty, one, many, create, update of each field, rename, delete, a name taken meanwhile |
//! | `trouble` | wrong credentials, dead tokens, the vendor's errors |
//! | `limits` | calls in flight and spacing, one refusal a run, one renewal for all |
//! | `between` | what stands between a session and its box: lost and nonsensical answers, pauses |
//! | `answers` | writes whose answer is lost, late or nonsense; what was accepted and isn't so |
//! | `meanwhile` | what somebody changes by hand between plan and apply, and in the middle of an apply |
//! | `requests` | how many requests each kind of run costs |
//! | `sight` | fields that aren't shown, members that nobody knows, listings that aren't whole |
#![cfg(feature = "sandbox")]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod answers;
mod between;
mod life;
mod limits;
mod meanwhile;
mod requests;
#[path = "../convergence/samples.rs"]
#[expect(dead_code, reason = "what only the tests of convergence need")]
mod samples;
mod sight;
mod subject;
mod trouble;
#[path = "../convergence/world.rs"]
#[expect(dead_code, reason = "what only the tests of convergence need")]
mod world;
#[path = "../convergence/yaml.rs"]
#[expect(dead_code, reason = "what only the tests of convergence need")]
mod yaml;

use subject::Subject;

/// All cases for one subject.
macro_rules! cases {
    ($subject:expr; $($file:ident: $($case:ident)*;)*) => {
        $($(
            #[test]
            fn $case() {
                crate::world::block_on(crate::$file::$case(&$subject));
            }
        )*)*
    };
}

/// One module a subject.
macro_rules! conforms {
    ($($name:ident: $subject:expr;)*) => {
        $(
            mod $name {
                use super::Subject;

                cases! { $subject;
                    life: nothing_is_nothing one_is_made_as_wanted many_are_made_as_wanted each_field_is_updated
                        one_is_renamed one_is_deleted a_name_taken_meanwhile_is_not_doubled;
                    trouble: wrong_credentials_are_tried_once not_up_in_answer_to_a_login_is_a_wrong_password
                        a_dead_token_is_renewed_once a_refusal_is_told;
                    limits: limits_hold_in_every_phase a_refusal_in_an_apply_is_the_last_call
                        parallel_calls_share_one_renewal;
                    answers: a_lost_or_strange_answer_is_settled strange_answers_without_end_double_nothing
                        a_late_commit_is_waited_for a_lie_is_found_out a_listing_that_is_behind_is_waited_for
                        a_delete_of_what_is_gone_is_done;
                    meanwhile: a_change_by_hand_before_the_apply_is_stale_alone
                        a_change_by_hand_during_the_apply_is_stale_alone;
                    sight: a_hidden_field_is_never_equal unknown_members_are_kept_out
                        a_short_listing_makes_and_deletes_nothing a_shifting_listing_makes_and_deletes_nothing;
                }
            }
        )*
    };
}

conforms! {
    yeastar_register: Subject { ..Subject::new("yeastar", "trunk", "register", "10042") };
    yeastar_peer: Subject { ..Subject::new("yeastar", "trunk", "peer", "10045") };
    yeastar_account: Subject { ..Subject::new("yeastar", "trunk", "account", "10052") };
    yeastar_v1: Subject { setting: Some(("api_version", "v1.1.0")), ..Subject::new("yeastar", "trunk", "register", "10042") };
    openvox_json: Subject { vouched: false, ..Subject::new("openvox", "trunk", "register", "10042") };
    openvox_xml: Subject { setting: Some(("format", "xml")), vouched: false, ..Subject::new("openvox", "trunk", "register", "10042") };
    moor7: Subject { ..Subject::new("7moor", "sip_number", "", "400") };
    itniotech_phones: Subject { pages: true, ..Subject::new("itniotech", "phone_group", "", "-21") };
    itniotech_outbound: Subject { pages: true, ..Subject::new("itniotech", "call_center_trunk", "outbound", "-45") };
    itniotech_inbound: Subject { pages: true, ..Subject::new("itniotech", "call_center_trunk", "inbound", "-54") };
    itniotech_numbers: Subject { pages: true, ..Subject::new("itniotech", "number", "", "-21") };
}

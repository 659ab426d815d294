//! What is said about secrets, and what never is.

use super::*;
use insta::assert_snapshot;

#[test]
fn all_unset_variables_are_named_in_one_go() {
    let text = "
trunks:
  - { name: a, target: hq, type: account, username: '${env:USER_A}', auth_name: a, password: '${env:PASSWORD_A}' }
sip_numbers:
  - { number: 1-2, target: cc, password: '${env:SIP_{number}}' }
  - { number: 3, target: cc, password: 'hunter2-${file:none}' }
";
    assert_snapshot!(resolved(text, &[]).unwrap_err(), @r"
error[unset_variable]: the environment variable `USER_A` isn't set
 --> a.yaml:3:53
  |
3 |   - { name: ***, target: ***, type: ***, username: '${env:USER_A}', auth_name: ***, password: *** }
  |                                                    ^^^^^^^^^^^^^^^
  = help: set USER_A, or try it with --sandbox, which needs none

error[unset_variable]: the environment variable `PASSWORD_A` isn't set
 --> a.yaml:3:94
  |
3 |   - { name: ***, target: ***, type: ***, username: ***, auth_name: ***, password: '${env:PASSWORD_A}' }
  |                                                                                   ^^^^^^^^^^^^^^^^^^^
  = help: set PASSWORD_A, or try it with --sandbox, which needs none

error[unset_variable]: the environment variable `SIP_1` isn't set
 --> a.yaml:5:42
  |
5 |   - { number: ***, target: ***, password: '${env:SIP_{number}}' }
  |                                           ^^^^^^^^^^^^^^^^^^^^^
  = help: set SIP_1, or try it with --sandbox, which needs none

error[unset_variable]: the environment variable `SIP_2` isn't set
 --> a.yaml:5:42
  |
5 |   - { number: ***, target: ***, password: '${env:SIP_{number}}' }
  |                                           ^^^^^^^^^^^^^^^^^^^^^
  = help: set SIP_2, or try it with --sandbox, which needs none

error[unreadable_file]: the file of this reference can't be read: no such file
 --> a.yaml:6:40
  |
6 |   - { number: ***, target: ***, password: *** }
  |                                           ^^^

error: 5 errors in 1 file
");
}

#[test]
fn values_from_references_are_held_to_the_same_rules() {
    let text = "
trunks:
  - { name: a, target: hq, type: peer, host: '${env:HOST}', domain: d, port: '${env:PORT}' }
  - { name: b, target: hq, type: account, username: '${env:USER}', auth_name: b, password: '${env:LONG}' }
  - { name: c, target: hq, type: account, username: hunter9, auth_name: b, password: '${env:EMPTY}' }
  - { name: d, target: hq, type: account, username: x, auth_name: b, password: '${env:TWO_LINES}' }
";
    let long = "hunter2".repeat(20);
    let values = [
        ("HOST", "hunter3 hunter3"),
        ("PORT", "hunter4"),
        ("LONG", &*long),
        ("EMPTY", ""),
        ("TWO_LINES", "hunter5\nhunter6"),
        ("USER", "hunter9"),
    ];
    let said = resolved(text, &values).unwrap_err();
    for number in 2..9 {
        assert!(!said.contains(&format!("hunter{number}")), "{said}");
    }
    assert_snapshot!(said, @r"
error[wrong_type]: `host` is wrong: expected a host name or an IP address
 --> a.yaml:3:46
  |
3 |   - { name: ***, target: ***, type: ***, host: '${env:HOST}', domain: ***, port: *** }
  |                                                ^^^^^^^^^^^^^

error[wrong_type]: `port` is wrong: expected a whole number from 1 to 65535
 --> a.yaml:3:78
  |
3 |   - { name: ***, target: ***, type: ***, host: ***, domain: ***, port: '${env:PORT}' }
  |                                                                        ^^^^^^^^^^^^^

error[vendor_limit]: `password` is longer than 63 characters (yeastar)
 --> a.yaml:4:92
  |
4 |   - { name: ***, target: ***, type: ***, username: ***, auth_name: ***, password: *** }
  |                                                                                   ^^^

error[not_unique]: `username` is the same as that of another trunk; they can't share it
 --> a.yaml:5:53
  |
5 |   - { name: ***, target: ***, type: ***, username: hunter9, auth_name: ***, password: *** }
  |                                                    ^^^^^^^
  = note: the other one
 --> a.yaml:4:53
  |
4 |   - { name: ***, target: ***, type: ***, username: '${env:USER}', auth_name: ***, password: *** }
  |                                                    -------------

error[empty_value]: `password` is empty
 --> a.yaml:5:86
  |
5 |   - { name: ***, target: ***, type: ***, username: ***, auth_name: ***, password: *** }
  |                                                                                   ^^^

error[control_character]: `password` holds a line break or a control character
 --> a.yaml:6:80
  |
6 |   - { name: ***, target: ***, type: ***, username: ***, auth_name: ***, password: *** }
  |                                                                                   ^^^

error: 6 errors in 1 file
");
}

#[test]
fn doubts_about_values_from_references_are_warnings() {
    let text = "trunks: [{ name: a, target: hq, type: account, username: u, auth_name: b, password: '${env:P}' }]";
    let resolved = resolved(text, &[("P", "hunter2 &")]).unwrap();
    assert_eq!((resolved.warnings.error_count(), resolved.warnings.warning_count()), (0, 1));
    assert!(!format!("{:?}", resolved.warnings).contains("hunter2"));
}

#[test]
fn literal_secrets_are_counted_once_a_file() {
    let text = "
sip_numbers:
  - { number: 1, target: cc, password: hunter2 }
  - { number: 2, target: cc, password: 'hunter2-{number}' }
  - { number: 3, target: cc, password: '${env:X}' }
defaults: { trunk: { password: hunter2 } }
";
    assert_snapshot!(said(text), @r"
warning[literal_secret]: 3 secrets stand in this file as plain text, the first one here
 --> a.yaml:3:40
  |
3 |   - { number: ***, target: ***, password: *** }
  |                                           ^^^
  = help: write `${env:NAME}` or `${file:PATH}` instead

warning: 1 warning in 1 file
");
}

#[test]
fn nothing_of_a_secret_is_in_a_debug_text() {
    let text = "sip_numbers: [{ number: 1-3, target: cc, password: 'hunter2-{number}' }]";
    let files = Files::new(&[("t.yaml", TARGETS), ("a.yaml", text)]);
    let loaded = files.load();
    let shown = format!("{loaded:?}");
    let resolved = loaded.resolve(&Values::of(&[("HQ", "hunter2"), ("CC", "hunter2")]), &Wanted::ALL).unwrap();
    assert!(!format!("{shown} {resolved:?}").contains("hunter2"));
}

/// Accidents that put a password where something else belongs.
#[test]
fn passwords_in_strange_places_are_never_shown() {
    let entries = [
        "  - { number: \"2004\", pasword: hunter2, target: cc, nat: flase }",
        "  - { number: \"2004\", password:hunter2, target: cc, nat: flase }",
        "  - { number: \"2004\", password: abc,hunter2, target: cc, nat: flase }",
        "  - { number: \"2004\", password: [hunter2], target: cc, nat: flase }",
        "  - { number: \"2004\", password: { a: hunter2 }, target: cc, nat: flase }",
        "  - { number: \"2004\", password: &hunter2 x, nat: flase }",
        "  - { number: \"2004\", password: *hunter2, nat: flase }",
        "  - { number: \"2004\", password: !hunter2 x, nat: flase }",
        "  - { number: \"2004\", password: !!hunter2 x, nat: flase }",
        "  - { number: \"2004\", password: &p hunter2, nat: *p, codecs: [*p], target: *p, protect: *p }",
        "  - { number: \"2004\", password: \"hun\\x74er2hunter2, nat: flase }",
        "  - number: 2004\n    password: hunter2: x\n    nat: flase",
        "  - number: 2004\n    pasword: |\n      hunter2\n      hunter2: x # hunter2\n    nat: flase",
        "  - number: 2004\n    pasword: abc\n      hunter2\n    nat: flase # hunter2",
        "  - number: 2004 # hunter2\n    nat: flase # password: hunter2\n    # hunter2\n    protect: maybe",
        "  - number: 2004\n    password: 'abc\n\n      hunter2'\n    nat: flase",
        "  - number: 2004\n    password: hunter2\n     nat: flase",
        "  - number: 2004\n    password: @hunter2\n    nat: flase",
        "  - number: 2004\n    password: `hunter2\n    nat: flase",
        "  - number: 2004\n    password: %hunter2\n\tnat: flase",
        "  - number: 2004\n    ? [hunter2]\n    : hunter2\n    nat: flase",
        "  - number: 2004\n    ? hunter2\n    nat: flase",
        "  - number: 2004\n    password: hunter2 nat: flase",
        "  - hunter2",
        "  - [hunter2, hunter2]",
        "  - number: 2004\n    agent: '${hunter2}'\n    password: '${hunter2'",
        "  - number: 2004\n    <<: hunter2",
        "  hunter2",
        "  hunter2: hunter2 hunter2\n  - x",
    ];
    for entry in entries {
        let said = said(&format!("sip_numbers:\n{entry}\n"));
        assert!(said.contains("error["), "{entry}\n{said}");
        assert!(!said.contains("hunter2"), "{entry}\n{said}");
    }
}

//! What is said about entries that are right one by one and clash with others.

use super::*;
use insta::assert_snapshot;

#[test]
fn duplicates_show_both_places() {
    assert_snapshot!(said_of(&[
        ("t.yaml", TARGETS),
        ("a.yaml", "trunks:\n  - { name: a, target: hq, type: peer, host: h, domain: d, host: i }\n"),
        ("b.yaml", "trunks:\n  - name: a\n    target: hq\n    type: peer\n    host: j\n    domain: d\n"),
        ("c.yaml", "sip_numbers:\n  - { number: 1-9, target: cc, password: '${env:A}' }\n  - { number: 5-7, target: cc, password: '${env:A}' }\n"),
    ]), @r"
error[duplicate_key]: the same key twice in one mapping
 --> a.yaml:2:60
  |
2 |   - { name: ***, target: ***, type: ***, host: ***, domain: ***, host: *** }
  |                                                                  ^^^^
  = note: the first one
 --> a.yaml:2:40
  |
2 |   - { name: ***, target: ***, type: ***, host: ***, domain: ***, host: *** }
  |                                          ----

error[duplicate_address]: hq/trunk/a twice
 --> b.yaml:2:11
  |
2 |   - name: a
  |           ^
  = note: the first one
 --> a.yaml:2:13
  |
2 |   - { name: a, target: ***, type: ***, host: ***, domain: ***, host: *** }
  |             -

error[duplicate_address]: cc/sip_number/5 twice
 --> c.yaml:3:15
  |
3 |   - { number: 5-7, target: ***, password: *** }
  |               ^^^
  = note: the first one
 --> c.yaml:2:15
  |
2 |   - { number: 1-9, target: ***, password: *** }
  |               ---

error: 3 errors in 3 files
");
}

#[test]
fn dangling_and_missing_targets() {
    assert_snapshot!(heads(&said("
trunks:
  - { name: a, target: hqq, type: peer, host: h, domain: d }
  - { name: b, type: peer, host: h, domain: d }
  - { name: c, target: cc, type: peer, host: h, domain: d }
sip_numbers:
  - { number: '1', target: hq, password: '${env:X}' }
")), @r"
error[unknown_target]: no target is named `hqq`
= help: did you mean `hq`?
error[missing_field]: a trunk without `target`
= help: name the target that it belongs to, one of cc, hq
error[unsupported_kind]: 7moor has no `trunks`
= help: a 7moor target has sip_number
error[unsupported_kind]: yeastar has no `sip_numbers`
= help: a yeastar target has trunk
");
}

#[test]
fn removals_and_renames_that_clash() {
    assert_snapshot!(heads(&said("
trunks:
  - { name: a, target: hq, type: peer, host: a, domain: d, previously: b }
  - { name: b, target: hq, type: peer, host: b, domain: d }
  - { name: c, target: hq, type: peer, host: c, domain: d, previously: c }
  - { name: d, target: hq, type: peer, host: d, domain: d, previously: old }
  - { name: e, target: hq, type: peer, host: e, domain: d, previously: old }
  - { name: f, target: hq, type: peer, host: f, domain: d, previously: gone }
  - { name: s1, target: hq, type: peer, host: s1, domain: d, previously: s2 }
  - { name: s2, target: hq, type: peer, host: s2, domain: d, previously: s1 }
  - { name: n2, target: hq, type: peer, host: n2, domain: d, previously: n1 }
  - { name: n1, target: hq, type: peer, host: n1, domain: d, previously: n0 }
sip_numbers:
  - { number: 1-3, target: cc, password: '${env:X}', previously: '9' }
removed:
  - { address: hq/trunk/gone, delete: true }
  - { address: hq/trunk/gone, delete: false }
  - { address: hq/trunk/a, delete: true }
  - { address: hq/tronk/a, delete: true }
  - { address: hg/trunk/a, delete: true }
  - { address: cc/trunk/a, delete: true }
  - { adress: hq/trunk/z, delete: maybe }
")), @r"
error[rename_conflict]: `b` was this object's name, and there is an entry of that name
= help: after the rename has been applied, leave `previously` out
error[rename_conflict]: `previously` is the name that it has now
= help: leave the line out
error[rename_conflict]: two objects were previously the same one
error[rename_conflict]: hq/trunk/gone is renamed and removed
error[rename_conflict]: `s2` was this object's name, and there is an entry of that name
= help: after the rename has been applied, leave `previously` out
error[rename_conflict]: `s1` was this object's name, and there is an entry of that name
= help: after the rename has been applied, leave `previously` out
error[rename_conflict]: a run of numbers can't have been one object before
error[duplicate_address]: hq/trunk/gone is removed twice
error[removed_and_present]: hq/trunk/a is removed, and there is an entry for it
= help: delete one of the two
error[bad_address]: `address` is wrong: expected a kind in the middle, one of trunk, sip_number, phone_group, call_center_trunk, number
error[unknown_target]: no target is named `hg`
= help: expected one of cc, hq
error[unsupported_kind]: 7moor has no `trunk`
= help: a 7moor target has sip_number
error[missing_field]: an entry of `removed` without `address`
= help: write `delete: true` to delete it, `delete: false` to let it be
error[unknown_field]: unknown field `adress` in `removed`
= help: did you mean `address`?
error[wrong_type]: `delete` is wrong: expected true or false
");
}

#[test]
fn values_that_have_to_be_unique() {
    assert_snapshot!(heads(&said("
trunks:
  - { name: a, target: hq, type: account, username: u, auth_name: a, password: '${env:X}' }
  - { name: b, target: hq, type: account, username: u, auth_name: b, password: '${env:X}' }
  - { name: c, target: hq, type: peer, host: H, domain: d }
  - { name: d, target: hq, type: peer, host: h, domain: d }
  - { name: e, target: hq, type: register, host: h, domain: d, username: '', auth_name: v, password: '${env:X}' }
")), @r"
error[not_unique]: `username` is the same as that of another trunk; they can't share it
error[not_unique]: `host` is the same as that of another trunk; they can't share it
error[empty_value]: `username` is empty
");
}

//! What is said about wrong entries, as people see it.

use super::*;
use insta::assert_snapshot;

#[test]
fn unknown_fields() {
    assert_snapshot!(said("
trunks:
  - name: a
    target: hq
    type: register
    host: h
    domain: d
    username: u
    auth_name: u
    pasword: hunter2 # hunter2
sip_numbers:
  - { number: \"2004\", pasword: hunter2, target: cc, nat: flase }
trunk: []
"), @r#"
error[missing_field]: a register trunk needs `password`
 --> a.yaml:3:11
  |
3 |   - name: a
  |           ^
  = help: password: the SIP account's password

error[unknown_field]: unknown field `pasword` in a trunk
  --> a.yaml:10:5
   |
10 |     pasword: *** #***
   |     ^^^^^^^
   = help: did you mean `password`?

error[missing_field]: a sip_number needs `password`
  --> a.yaml:12:15
   |
12 |   - { number: "2004", pasword: ***, target: ***, nat: *** }
   |               ^^^^^^
   = help: password: what the phone registers with

error[unknown_field]: unknown field `pasword` in a sip_number
  --> a.yaml:12:23
   |
12 |   - { number: ***, pasword: ***, target: ***, nat: *** }
   |                    ^^^^^^^
   = help: did you mean `password`?

error[wrong_type]: `nat` is wrong: expected true or false
  --> a.yaml:12:58
   |
12 |   - { number: ***, pasword: ***, target: ***, nat: flase }
   |                                                    ^^^^^

error[unknown_field]: unknown field `trunk` at the top of the file
  --> a.yaml:13:1
   |
13 | trunk: []
   | ^^^^^
   = help: did you mean `trunks`?

error: 6 errors in 1 file
"#);
}

#[test]
fn wrong_values() {
    assert_snapshot!(said("
trunks:
  - { name: a, target: hq, type: peer, host: h h, domain: d, port: 70000 }
  - { name: b, target: hq, type: pear }
  - { name: c, target: hq, type: account, username:, auth_name: [x], password: { a: hunter2 } }
  - hunter2
  - { name: all, target: hq, type: account, username: u, auth_name: u, password: \"${env:P}\", from_user: x, host: y }
"), @r#"
error[wrong_type]: `host` is wrong: expected a host name or an IP address
 --> a.yaml:3:46
  |
3 |   - { name: ***, target: ***, type: ***, host: h h, domain: ***, port: *** }
  |                                                ^^^

error[wrong_type]: `port` is wrong: expected a whole number from 1 to 65535
 --> a.yaml:3:68
  |
3 |   - { name: ***, target: ***, type: ***, host: ***, domain: ***, port: 70000 }
  |                                                                        ^^^^^

error[wrong_type]: `type` is wrong: expected one of register, peer, account
 --> a.yaml:4:34
  |
4 |   - { name: ***, target: ***, type: pear }
  |                                     ^^^^

error[null_value]: `username` has no value: expected a text
 --> a.yaml:5:43
  |
5 |   - { name: ***, target: ***, type: ***, username:, auth_name: [***], password: { ***: *** } }
  |                                          ^
  = help: write "" for an empty text, or leave the line out

error[wrong_type]: `auth_name` is a list: expected a text
 --> a.yaml:5:65
  |
5 |   - { name: ***, target: ***, type: ***, username:, auth_name: [***], password: { ***: *** } }
  |                                                                ^

error[wrong_type]: `password` is a mapping: expected a text
 --> a.yaml:5:80
  |
5 |   - { name: ***, target: ***, type: ***, username:, auth_name: [***], password: { ***: *** } }
  |                                                                                 ^

error[wrong_type]: an entry of `trunks` is a text: expected a mapping
 --> a.yaml:6:5
  |
6 |   - ***
  |     ^^^

error[vendor_limit]: `name` can't be `all`, which means something else to the vendor
 --> a.yaml:7:13
  |
7 |   - { name: all, target: ***, type: ***, username: ***, auth_name: ***, password: ***, from_user: ***, host: *** }
  |             ^^^

error[field_not_of_variant]: an account trunk has no `from_user`
 --> a.yaml:7:105
  |
7 |   - { name: ***, target: ***, type: ***, username: ***, auth_name: ***, password: ***, from_user: ***, host: *** }
  |                                                                                                   ^^^
  = help: leave the line out

error[field_not_of_variant]: an account trunk has no `host`
 --> a.yaml:7:114
  |
7 |   - { name: ***, target: ***, type: ***, username: ***, auth_name: ***, password: ***, from_user: ***, host: *** }
  |                                                                                                              ^^^
  = help: leave the line out

error: 10 errors in 1 file
"#);
}

#[test]
fn dods_are_held_to_their_parts() {
    let entry = "trunks: [{ name: c, target: hq, type: peer, host: h, domain: d, dod: DOD }]";
    let dods = [
        "hunter2",
        "[hunter2]",
        "{ extension: [] }",
        "{ extensions: { number: 1 } }",
        "{ extensions: [1-a-2] }",
        "{ extensions: [{ number: '1', name: a }] }",
        "{ groups: [{ number: '1,2', name: a, group: '' }] }",
        "{ groups: [{ number: '1', name: a, extension: x, group: y }] }",
    ];
    let said: Vec<String> = dods.iter().map(|dod| heads(&said(&entry.replace("DOD", dod)))).collect();
    assert_snapshot!(said.join("\n\n"), @r"
error[wrong_type]: `dod` is a text: expected a mapping with extensions, groups

error[wrong_type]: `dod` is a list: expected a mapping with extensions, groups

error[unknown_field]: unknown field `extension` in `dod`
= help: did you mean `extensions`?

error[wrong_type]: `extensions` is a mapping: expected a list, each item a mapping with number, name, extension

error[wrong_type]: `extensions` is a text: expected a mapping with number, name, extension

error[missing_field]: `extensions` lacks `extension`
= help: expected a mapping with number, name, extension

error[bad_text]: `number` holds a comma, which separates entries on the vendor's side
error[empty_value]: `group` is empty

error[unknown_field]: unknown field `extension` in `groups`
= help: expected one of number, name, group
");
}

#[test]
fn targets_that_are_wrong() {
    assert_snapshot!(heads(&said_of(&[("a.yaml", "
version: 2
targets:
  a: { provider: yeaster, url: x }
  b: { provider: yeastar, url: 'https://u:hunter2@pbx', username: u, password: '', app_key: x, usrname: y }
  c: { url: http://10.0.0.1 }
  d: { provider: yeastar, url: 'http://10.0.0.1', username: u, password: p, prune: al, ignore: 'x', limits: { concurrency: 0, requests_per_second: 0, timeout: 30, max_body: 1, retries: 3 } }
  e: { provider: 7moor, app_key: a, secret: s, tls: { pin_sha256: abc, insecure_skip_verify: true, cafile: x }, ignore: ['['] }
  trunk: { provider: 7moor, app_key: a, secret: s }
  a/b: { provider: 7moor, app_key: a, secret: s }
  f: hunter2
"), ("b.yaml", "targets: { e: { provider: 7moor } }")])), @r#"
error[unknown_version]: `version` isn't 1
= help: this sipform reads version 1; a newer one may read more
error[unknown_provider]: `provider` names none that sipform knows
= help: did you mean `yeastar`?
error[wrong_type]: `url` is wrong: expected a URL without a user and password; they have settings of their own
error[empty_value]: `password` is empty
error[unknown_field]: `app_key` is a setting of 7moor, not of yeastar
= help: a yeastar target has provider, url, limits, prune, ignore, tls, username, password, api_version
error[unknown_field]: unknown field `usrname` in a yeastar target
= help: did you mean `username`?
error[missing_field]: a target without `provider`
= help: expected one of yeastar, 7moor, openvox
warning[plain_http]: `d` is called by plain http: passwords cross the network in clear text
= help: write `url: https://…` where the vendor offers it
warning[literal_secret]: 4 secrets stand in this file as plain text, the first one here
= help: write `${env:NAME}` or `${file:PATH}` instead
error[wrong_type]: `prune` is wrong: expected one of none, claimed, exclusive
error[wrong_type]: `ignore` is a text: expected a list
error[wrong_type]: `concurrency` is wrong: expected a whole number from 1 to 256
error[wrong_type]: `requests_per_second` is wrong: expected a number of calls a second from 0.001 to 10000
error[wrong_type]: `timeout` is wrong: expected a time like 30s, 500ms or 2m, at most 60m
error[wrong_type]: `max_body` is wrong: expected a size from 1KiB to 4GiB, like 64MiB, or a number of bytes
error[unknown_field]: unknown field `retries` in `limits`
= help: expected one of concurrency, requests_per_second, timeout, max_body
warning[plain_http]: `e` is called by plain http: passwords cross the network in clear text
= help: the vendor documents no https address; if it has given you one, write it as `url`
error[wrong_type]: `pin_sha256` is wrong: expected a SHA-256 hash: 64 hex digits, with or without colons
warning[insecure_tls]: the certificate of `e` isn't verified: anyone in between can read and change
= help: name the certificate instead, with `ca_file` or `pin_sha256`
error[unknown_field]: unknown field `cafile` in `tls`
= help: did you mean `ca_file`?
error[wrong_type]: `ignore` is wrong: expected a pattern like "trunk/lab-*" (unclosed character class; missing ']')
error[bad_name]: a target can't be named like a kind: `defaults` couldn't tell them apart
warning[plain_http]: `trunk` is called by plain http: passwords cross the network in clear text
= help: the vendor documents no https address; if it has given you one, write it as `url`
error[bad_name]: expected a name of at most 64 letters, digits, `.`, `_` and `-`, beginning with a letter or digit
warning[plain_http]: `a/b` is called by plain http: passwords cross the network in clear text
= help: the vendor documents no https address; if it has given you one, write it as `url`
error[wrong_type]: a target is a text: expected a mapping with `provider` and its settings
error[duplicate_target]: the target `e` twice
"#);
}

#[test]
fn fields_of_other_vendors_and_kinds() {
    assert_snapshot!(heads(&said("
targets: { ov: { provider: openvox, url: https://ov, username: u, password: '${env:X}' } }
trunks:
  - { name: a, target: ov, type: peer, host: h, dod: {}, ignore_fields: [dod, prot, type] }
  - { name: b, target: ov, type: peer, host: h, username: u, codecs: [], protect: maybe }
sip_numbers:
  - { number: '1', target: cc, password: '${env:X}', dod: {} }
defaults:
  trunk: { pot: 1, target: hq }
  trunks: { target: hq }
  ovv: { trunk: { port: 1 } }
  ov: { trnk: { port: 1 }, trunk: { target: hq } }
")), @r"
error[field_not_of_provider]: openvox has no `dod` for a trunk
= help: leave the line out
error[unknown_field]: `ignore_fields` names no field of a trunk
= help: did you mean `port`?
error[bad_ignore_field]: `ignore_fields` can't name `type`, which decides what the other fields are
error[field_not_of_variant]: a peer trunk has no `username`
= help: leave the line out
error[unknown_field]: `codecs` is a field of sip_number, not of trunk
= help: a trunk has name, target, previously, protect, ignore_fields, type, host, port, domain, username, auth_name, password, from_user, dod
error[wrong_type]: `protect` is wrong: expected true or false
error[unknown_field]: `dod` is a field of trunk, not of sip_number
= help: a sip_number has number, target, previously, protect, ignore_fields, password, nat, codecs, agent
error[unknown_field]: unknown field `pot` in the defaults of a trunk
= help: did you mean `port`?
error[duplicate_default]: the same default twice
error[unknown_field]: `ovv` under `defaults` is neither a kind nor a target
= help: did you mean `ov`?
error[unknown_field]: unknown field `trnk` in a target's defaults
= help: did you mean `trunk`?
error[unknown_field]: unknown field `target` in the defaults of a trunk
= help: expected one of type, host, port, domain, username, auth_name, password, from_user, dod
");
}

#[test]
fn references_that_are_wrong() {
    assert_snapshot!(heads(&said("
trunks:
  - { name: '${env:A}', target: '${env:A}', type: '${env:A}', host: '${vault:hunter2}', domain: '${env:}', password: 'hun${ter2' }
sip_numbers:
  - { number: 1-99999999, target: cc, password: '${env:A}' }
  - { number: 20-10, target: cc, password: '${env:A}' }
")), @r#"
error[reference_not_allowed]: `name` can't be a reference
= help: write the text itself; a plain `${` can't stand here
error[reference_not_allowed]: `target` can't be a reference
= help: write the text itself; a plain `${` can't stand here
error[reference_not_allowed]: `type` can't be a reference
= help: write the text itself; a plain `${` can't stand here
error[bad_reference]: `host` holds a reference of an unknown sort
= help: write `${env:NAME}`, `${file:PATH}` or `${cmd:COMMAND}`; a plain `${` is written `$${`
error[bad_reference]: `domain` holds a reference to an environment variable whose name can't be one
= help: write `${env:NAME}`, `${file:PATH}` or `${cmd:COMMAND}`; a plain `${` is written `$${`
error[bad_reference]: `password` holds a reference without its closing `}`
= help: write `${env:NAME}`, `${file:PATH}` or `${cmd:COMMAND}`; a plain `${` is written `$${`
error[bad_run]: `number` is wrong: expected a run of numbers with the same count of digits, like "2000-2099"
error[bad_run]: `number` is wrong: expected a run that begins with the smaller number
"#);
}

/// They decide before references are read: one that is a reference would silently say nothing.
#[test]
fn switches_that_are_references() {
    assert_snapshot!(heads(&said("
targets:
  old: { provider: yeastar, url: 'https://h', username: a, password: '${env:A}', tls: { insecure_skip_verify: '${env:A}' } }
trunks:
  - { name: a, target: hq, type: peer, host: h, domain: h, protect: '${env:A}' }
removed:
  - { address: hq/trunk/b, delete: '${env:A}' }
  - {}
call_checks:
  - { name: a, target: ov, caller: 1, callee: 2, auto_answer: '${env:A}' }
")), @"
error[reference_not_allowed]: `insecure_skip_verify` can't be a reference
= help: write the text itself; a plain `${` can't stand here
error[reference_not_allowed]: `protect` can't be a reference
= help: write the text itself; a plain `${` can't stand here
error[reference_not_allowed]: `delete` can't be a reference
= help: write the text itself; a plain `${` can't stand here
error[missing_field]: an entry of `removed` without `address`
= help: write `delete: true` to delete it, `delete: false` to let it be
error[missing_field]: an entry of `removed` without `delete`
= help: write `delete: true` to delete it, `delete: false` to let it be
error[reference_not_allowed]: `auto_answer` can't be a reference
= help: write the text itself; a plain `${` can't stand here
");
}

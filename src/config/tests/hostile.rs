//! What is said about files that are no YAML, are missing, or want to do harm.

use super::*;
use insta::assert_snapshot;

#[test]
fn yaml_that_is_none_is_one_error_a_file() {
    assert_snapshot!(said_of(&[
        ("t.yaml", TARGETS),
        ("a.yaml", "trunks:\n  - name: a\n    password: \"hunter2\n    host: x\n"),
        ("b.yaml", "trunks:\n  - name: b\n    password: *hunter2\n"),
        ("c.yaml", "trunks:\n  - { password: hunter2 }}\n"),
        ("d.yaml", "- hunter2\n"),
        ("e.yaml", "trunks: hunter2\nsip_numbers: { a: hunter2 }\ntrunks: !secret hunter2\n"),
    ]), @r"
error[yaml_syntax]: not YAML: invalid indentation in quoted scalar
 --> a.yaml:3:15
  |
3 |     password: ***
  |               ^^^

error[yaml_syntax]: an alias (`*…`) without its anchor
 --> b.yaml:3:15
  |
3 |     password: ***
  |               ^^^
  = help: a text that begins with `*` has to stand in quotes

error[yaml_syntax]: not YAML: misplaced bracket
 --> c.yaml:2:26
  |
2 |   - { password: ***
  |                 ^^^

error[wrong_type]: expected a mapping with `version`, `targets` and lists of objects
 --> d.yaml:1:1
  |
1 | - ***
  | ^

error[wrong_type]: `trunks`: expected a list
 --> e.yaml:1:1
  |
1 | trunks: ***
  | ^^^^^^

error[wrong_type]: `sip_numbers`: expected a list
 --> e.yaml:2:1
  |
2 | sip_numbers: { a: *** }
  | ^^^^^^^^^^^

error[duplicate_key]: the same key twice in one mapping
 --> e.yaml:3:1
  |
3 | trunks: ***
  | ^^^^^^
  = note: the first one
 --> e.yaml:1:1
  |
1 | trunks: ***
  | ------
  = help: put all entries under the first one

error[wrong_type]: `trunks`: expected a list
 --> e.yaml:3:1
  |
3 | trunks: ***
  | ^^^^^^

error[unsupported_tag]: a tag (`!…`), which sipform doesn't read
 --> e.yaml:3:9
  |
3 | trunks: ***
  |         ^^^
  = help: a text that begins with `!` has to stand in quotes

error: 9 errors in 5 files
");
}

#[test]
fn a_missing_version_is_said_once() {
    assert_snapshot!(said_of(&[("a.yaml", "trunks: []\n"), ("b.yaml", "trunks: []\n")]), @r"
error[missing_version]: no file says which version of this form it is written in
 --> a.yaml:1:1
  |
1 | trunks: []
  | ^
  = help: write `version: 1` at the top of one file

error: 1 error in 1 file
");
}

#[test]
fn what_a_missing_file_would_have_held_is_not_missed() {
    let files =
        Files::new(&[("a.yaml", "version: 1\ntrunks: [{ name: a, target: hq, type: peer, host: h, domain: d }]\n")]);
    let paths = [files.folder.path().join("none.yaml"), files.paths.first().unwrap().clone()];
    assert_snapshot!(files.drawn(load(&paths, &TABLES).diagnostics()), @r"
error[file_not_found]: none.yaml: no such file or folder
  = help: name the desired state with -f FILE or -f FOLDER
");
}

#[test]
fn ten_thousand_mistakes_are_bounded() {
    let entry = |n: u32| format!("  - {{ name: t{n}, target: hq, tpye: peer }}");
    let entries: Vec<String> = (0..10_000).map(entry).collect();
    let said = said(&format!("trunks:\n{}", entries.join("\n")));
    let end: Vec<&str> = said.lines().rev().take(3).collect();
    assert_eq!(end, ["error: 20,000 errors in 1 file", "", "… and 19,950 more errors"]);
    assert!(said.len() < 20_000, "{} bytes", said.len());
}

#[test]
fn bombs_are_refused() {
    let mut bomb = String::from("x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n");
    for level in 1..9 {
        let below = vec![format!("*x{}", level - 1); 10].join(", ");
        bomb = format!("{bomb}x{level}: &x{level} [{below}]\n");
    }
    let deep = format!("trunks: {}", "[".repeat(10_000));
    let wide = format!("trunks: [[{}]]", "a,".repeat(200_000));
    let long = format!("trunks: [{{ name: '{}' }}]", "a".repeat(100_000));
    let text = "a".repeat(60_000);
    let texts = format!("x: &x \"{text}\"\ntrunks: [[{}]]", "*x,".repeat(50_000));
    let inner = "a,".repeat(90_000);
    let anchors = (0..30).fold(format!("[{inner}]"), |inside, level| format!("[&a{level} {inside}]"));
    let twice: String = (0..30_000).map(|_| "a: 1, ").collect();
    let cases = [
        (bomb, "error[too_many_aliases]"),
        (texts, "anchors (`&…`) and aliases (`*…`) stand for more than 16 MiB of text"),
        (format!("trunks: [{anchors}]"), "anchors (`&…`) and aliases (`*…`) stand for more than 100000 values"),
        (deep, "error[too_deep]: lists and mappings nested more than 32 deep"),
        (wide, "error[too_large]: one entry with more than 100000 values"),
        (long, "error[text_too_long]: a text of more than 65536 bytes"),
        (format!("trunks: [{{ {twice} }}]"), "error[duplicate_key]"),
        ("trunks: [&a [*a]]".to_owned(), "error[yaml_syntax]"),
    ];
    for (text, expected) in cases {
        let said = said(&text);
        assert!(said.contains(expected), "{expected}: {}", said.chars().take(2_000).collect::<String>());
    }
}

//! Every format of every command, whatever comes of it: the exit code is the same, and standard output is what was asked for.

use std::process::Child;

use serde_json::{Value as Json, json};

use crate::harness::{Place, Run};

const FORMATS: [&str; 10] =
    ["text", "json", "ndjson", "markdown", "html", "sarif", "junit", "github", "gitlab", "terraform-json"];

const TRUNK: &str = "trunks:
  - { name: a, target: hq, type: peer, host: a.example, domain: a.example }
  - { name: test, target: hq, type: peer, host: 10.0.0.1, domain: 10.0.0.1 }
";
const FOUR_TOMBSTONES: &str = "removed:
  - { address: hq/trunk/test, delete: true }
  - { address: hq/trunk/old-carrier, delete: true }
  - { address: hq/trunk/branch-door, delete: true }
  - { address: hq/trunk/to-108-16-test, delete: true }
";
const UNREADABLE: &str = "--sandbox-fault garbage:trunk/*:* --sandbox-fault garbage:login:*";

/// Has to be what the format promises, also where the run failed.
fn parses(format: &str, text: &str, about: &str) {
    let json = || -> Json { serde_json::from_str(text).unwrap_or_else(|error| panic!("{about}: {error}:\n{text}")) };
    match format {
        "text" => assert!(!text.contains('\u{1b}'), "{about}"),
        "json" => assert!(json()["schema"].as_str().unwrap().starts_with("sipform."), "{about}"),
        "ndjson" => lines(text, about),
        "markdown" => {
            assert!(text.starts_with("<!-- sipform:") && text.len() <= 65_536, "{about}: {text}");
            assert!(text.contains("\n## sipform "), "{about}: {text}");
        }
        "html" => assert!(text.starts_with("<!doctype html>") && text.ends_with("</html>\n"), "{about}: {text}"),
        "sarif" => sarif(&json(), about),
        "junit" => junit(text, about),
        "github" => {
            let command = |line: &str| {
                let word = line.strip_prefix("::").and_then(|line| line.split(' ').next());
                word.is_some_and(|word| ["error", "warning", "notice"].contains(&word))
                    && line.matches("::").count() >= 2
            };
            assert!(!text.is_empty() && text.lines().all(command), "{about}: {text}");
        }
        "gitlab" => {
            let counts = json();
            let all = ["create", "update", "delete"].iter().all(|name| counts[name].is_u64());
            assert!(all && counts.as_object().unwrap().len() == 3, "{about}: {text}");
        }
        _ => {
            let plan = json();
            assert!(plan["format_version"].is_string() && plan["resource_changes"].is_array(), "{about}: {text}");
        }
    }
}

fn lines(text: &str, about: &str) {
    let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.first().map(|line| &line["type"]), Some(&json!("version")), "{about}");
    assert_eq!(lines.last().map(|line| &line["type"]), Some(&json!("summary")), "{about}");
    let twice = lines.iter().filter(|line| line["type"] == "version" || line["type"] == "summary").count();
    assert_eq!(twice, 2, "{about}: {text}");
}

fn sarif(log: &Json, about: &str) {
    assert_eq!(log["version"], "2.1.0", "{about}");
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["artifactLocation"]["uri"].is_string(), "{about}: {result}");
        assert!(place["region"]["startLine"].as_u64() > Some(0) && result["message"]["text"].is_string(), "{about}");
    }
}

fn junit(text: &str, about: &str) {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut cases = 0;
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{about}: {error}:\n{text}")) {
            quick_xml::events::Event::Start(tag) => cases += usize::from(tag.name().as_ref() == "testcase"),
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert!(cases > 0, "{about}: {text}");
}

/// One run a format, each in a copy of the place and all side by side; the one in text writes a report in every format.
fn in_every_format(code: i32, line: &str, place: &Place) {
    let started: Vec<(&str, Place, Child)> = FORMATS
        .into_iter()
        .map(|format| {
            let reports = if format == "text" { all_reports() } else { String::new() };
            let own = copy(place);
            let child = own.command(&format!("{line} --format {format} {reports}")).spawn().unwrap();
            (format, own, child)
        })
        .collect();
    for (format, place, child) in started {
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        let about = format!("sipform {line} --format {format}");
        assert_eq!(output.status.code(), Some(code), "{about}\n{text}\n{told}");
        parses(format, &text, &about);
        if format == "text" {
            reports_parse(&place, &about);
        }
    }
}

fn all_reports() -> String {
    FORMATS.map(|format| format!("--report {format}=report.{format}")).join(" ")
}

fn reports_parse(place: &Place, about: &str) {
    for format in FORMATS {
        parses(format, &place.read(&format!("report.{format}")), &format!("{about}: its report in {format}"));
    }
    let left: Vec<_> = place.files().into_iter().map(|(name, _)| name).filter(|name| name.contains("tmp")).collect();
    assert_eq!(left, Vec::<String>::new(), "{about}");
}

fn copy(place: &Place) -> Place {
    let copy = Place::new();
    for (name, bytes) in place.files() {
        copy.write(&name, std::str::from_utf8(&bytes).unwrap());
    }
    copy
}

#[test]
fn with_nothing_to_do() {
    let place = &Place::desired("");
    in_every_format(0, "validate", place);
    in_every_format(0, "plan --sandbox --detailed-exitcode", place);
    in_every_format(0, "drift --sandbox", place);
    in_every_format(0, "apply --sandbox --auto-approve", place);
}

#[test]
fn with_changes() {
    let place = &Place::desired(TRUNK);
    in_every_format(0, "plan --sandbox", place);
    in_every_format(2, "plan --sandbox --detailed-exitcode", place);
    in_every_format(2, "drift --sandbox", place);
    in_every_format(0, "apply --sandbox --auto-approve", place);
    // Nobody there to say yes.
    in_every_format(1, "apply --sandbox", place);
}

#[test]
fn with_bad_yaml() {
    let place = &Place::desired("trunks: [{ name: a, targett: hq }]");
    in_every_format(1, "validate", place);
    in_every_format(1, "plan --sandbox", place);
    in_every_format(1, "drift --sandbox", place);
    in_every_format(1, "apply --sandbox --auto-approve", place);
}

#[test]
fn with_a_target_that_cannot_be_read() {
    let place = &Place::desired(TRUNK);
    in_every_format(1, &format!("plan --sandbox --detailed-exitcode {UNREADABLE}"), place);
    in_every_format(1, &format!("drift --sandbox {UNREADABLE}"), place);
    in_every_format(4, &format!("apply --sandbox --auto-approve {UNREADABLE}"), place);
}

#[test]
fn when_it_is_refused() {
    let place = &Place::desired(FOUR_TOMBSTONES);
    in_every_format(3, "plan --sandbox --detailed-exitcode", place);
    in_every_format(3, "apply --sandbox --auto-approve", place);
    place.expect(0, "plan --sandbox --allow-deletes 4 --out p.json");
    place.edit("p.json", |plan| plan["changes"][0]["action"] = json!("update"));
    in_every_format(3, "apply --sandbox p.json", place);
    in_every_format(3, "show p.json", place);
}

#[test]
fn when_the_lock_is_held() {
    let place = Place::desired(TRUNK);
    place.write(".sipform/sandbox/ledger.json.lock", "");
    let path = place.path(".sipform/sandbox/ledger.json.lock");
    let lock = std::fs::File::open(&path).unwrap();
    lock.lock().unwrap();
    let ledger = path.with_extension("");
    in_every_format(
        3,
        &format!("apply --sandbox --auto-approve --ledger {}", ledger.display()),
        &Place::desired(TRUNK),
    );
}

#[test]
fn when_it_ends_in_part() {
    let place = &Place::desired(TRUNK);
    let fault = "--sandbox-fault lie:trunk/update_siptrunk:1";
    in_every_format(4, &format!("apply --sandbox --auto-approve {fault}"), place);
    place.expect(0, "plan --sandbox --out p.json");
    place.edit_pbx(|pbx| pbx["trunks"][1]["port"] = json!("5099"));
    in_every_format(4, "apply --sandbox p.json", place);
}

#[test]
fn when_the_vendor_cannot_do_it() {
    let place = &Place::desired(
        "sip_numbers: [{ number: \"2002\", target: cc, password: \"${env:P}\", agent: 5fe47b9df94f8c728ac1bbde }]",
    );
    in_every_format(5, "apply --sandbox --auto-approve --detailed-exitcode", place);
    place.expect(0, "apply --sandbox --auto-approve");
    in_every_format(5, "plan --sandbox --detailed-exitcode", place);
    in_every_format(2, "drift --sandbox", place);
}

#[test]
fn when_somebody_changed_it_outside() {
    let place = Place::desired(TRUNK);
    place.expect(0, "apply --sandbox --auto-approve");
    place.edit_pbx(|pbx| pbx["trunks"][1]["port"] = json!("5099"));
    in_every_format(2, "drift --sandbox", &place);
}

#[cfg(unix)]
#[test]
fn when_it_is_interrupted_before_anything_is_sent() {
    let place = Place::desired(TRUNK);
    place.write(".sipform/sandbox/ledger.json.lock", "");
    let lock = std::fs::File::open(place.path(".sipform/sandbox/ledger.json.lock")).unwrap();
    lock.lock().unwrap();
    let line = "apply --sandbox --auto-approve --lock-timeout 10m";
    let started: Vec<_> = FORMATS
        .into_iter()
        .map(|format| {
            let line = format!("{line} --format {format} --report {format}=report.{format}");
            (format, crate::harness::Started::new(&place, &line))
        })
        .collect();
    for (format, mut run) in started {
        run.wait_for("another apply holds the ledger's lock");
        run.signal("TERM");
        let run = run.end();
        assert_eq!(run.code, 130, "{format}: {}", run.stderr);
        parses(format, &run.stdout, format);
        parses(format, &place.read(&format!("report.{format}")), format);
    }
}

#[test]
fn when_the_command_line_is_wrong() {
    let place = Place::desired(TRUNK);
    for command in ["validate", "plan", "drift", "apply", "show"] {
        let lines = FORMATS.map(|format| format!("{command} --no-such-option --format {format}"));
        for ((line, run), format) in place.run_all(lines).into_iter().zip(FORMATS) {
            assert_eq!(run.code, 1, "{line}: {}", run.stderr);
            parses(format, &run.stdout, &line);
        }
    }
}

#[test]
fn a_report_that_cannot_be_written_is_known_before_anything_is_sent() {
    let place = Place::desired(TRUNK);
    place.write("folder/file", "");
    for (report, says) in [
        ("json=nowhere/r.json", "the report nowhere/r.json can't be written: "),
        ("json=folder", "the report folder can't be written: "),
        ("json=folder/file/r.json", "the report folder/file/r.json can't be written: "),
        ("json=r.json --report junit=r.json", "two reports can't both go to r.json"),
        ("json=-", "standard output takes --format json"),
        ("json=", "expected a path"),
        ("yaml=r", "expected one of the formats text, json, ndjson, "),
        ("r.json", "expected FORMAT=PATH"),
    ] {
        for command in ["apply --sandbox --auto-approve", "plan --sandbox", "drift --sandbox", "validate"] {
            place.expect(1, &format!("{command} --report {report}")).says(says);
        }
    }
    assert_eq!(place.live("hq"), json!(null), "nothing was sent");
    // The others are written all the same, and say why.
    place.expect(1, "plan --sandbox --report json=nowhere/r.json --report junit=good.xml");
    assert!(place.read("good.xml").contains("nowhere/r.json"));
}

/// Where nothing can be written, although the file can be opened.
#[cfg(target_os = "linux")]
#[test]
fn a_report_that_fails_at_the_end_does_not_hide_what_was_done() {
    let place = Place::desired(TRUNK);
    place.expect(1, "plan --sandbox --report json=/dev/full").says("/dev/full can't be written");
    let run =
        place.expect(4, "apply --sandbox --auto-approve --format json --report html=/dev/full --report json=r.json");
    let document = run.json();
    assert_eq!((&document["summary"]["done"], &document["diagnostics"][0]["code"]), (&json!(2), &json!("report")));
    assert_eq!(place.json("r.json")["summary"]["done"], 2);
    place.expect(0, "plan --sandbox --detailed-exitcode");
}

#[test]
fn a_report_replaces_the_one_before_and_keeps_a_link() {
    let place = Place::desired(TRUNK);
    place.write("real.md", &"x".repeat(100_000));
    #[cfg(unix)]
    std::os::unix::fs::symlink("real.md", place.path("r.md")).unwrap();
    place.expect(0, "plan --sandbox --report markdown=r.md --report-name prod");
    assert!(place.read("r.md").starts_with("<!-- sipform:plan prod -->\n"));
    #[cfg(unix)]
    assert!(place.path("r.md").is_symlink() && place.read("real.md").starts_with("<!--"));
    place.expect(1, "plan --sandbox --report-name a--><b>").says("expected letters, digits");
}

#[test]
fn an_apply_tells_what_happens_line_by_line() {
    let place = Place::desired(TRUNK);
    let run = place.expect(0, "apply --sandbox --auto-approve --format ndjson --report ndjson=r.ndjson");
    let lines: Vec<Json> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let types: Vec<_> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    for (kind, count) in
        [("planned", 2), ("started", 2), ("finished", 2), ("verifying", 1), ("settled", 2), ("result", 2)]
    {
        assert_eq!(types.iter().filter(|known| **known == kind).count(), count, "{kind}: {}", run.stdout);
    }
    for line in lines.iter().filter(|line| line["address"].is_string()) {
        assert_eq!(line["source"]["file"], "desired-state.yaml", "{line}");
        assert!(line["source"]["line"].is_u64() && line["action"].is_string(), "{line}");
    }
    let order: Vec<_> =
        types.iter().map(|kind| ["version", "planned", "started"].iter().position(|it| it == kind)).collect();
    assert_eq!(order[..3], [Some(0), Some(1), Some(1)]);
    // The report has the same end, without what happened meanwhile.
    let report = place.read("r.ndjson");
    let (head, rest) = report.split_once('\n').unwrap();
    assert!(run.stdout.starts_with(head) && run.stdout.ends_with(rest), "{report}\n{}", run.stdout);
}

/// Nothing of where it was made is there any more.
fn elsewhere(from: &Place, file: &str) -> Place {
    let place = Place::new();
    place.write(file, &from.read(file));
    place
}

#[test]
fn a_saved_plan_is_shown_in_every_format() {
    let place = Place::desired(TRUNK);
    let plan = place.expect(0, &format!("plan --sandbox --out p.json {}", all_reports()));
    let there = elsewhere(&place, "p.json");
    assert_eq!(there.expect(0, "show p.json").stdout, plan.stdout);
    for format in FORMATS {
        let shown = there.expect(0, &format!("show p.json --format {format}"));
        assert_eq!(shown.stdout, place.read(&format!("report.{format}")), "{format}");
    }
    there.expect(2, "show p.json --detailed-exitcode");
    there.expect(0, "show p.json --report sarif=r.sarif");
    parses("sarif", &there.read("r.sarif"), "show --report");
}

#[test]
fn a_saved_document_is_shown_by_its_schema() {
    let exits: [(i32, &str, i32); 5] = [
        (0, "validate", 0),
        (1, &format!("plan --sandbox {UNREADABLE}"), 1),
        (2, "drift --sandbox", 2),
        (4, "apply --sandbox --auto-approve --sandbox-fault lie:trunk/update_siptrunk:1", 4),
        (1, "plan --sandbox -f missing.yaml", 1),
    ];
    for (code, line, detailed) in exits {
        let place = Place::desired(TRUNK);
        let run: Run = place.expect(code, &format!("{line} --format json --report junit=r.xml"));
        place.write("d.json", &run.stdout);
        let there = elsewhere(&place, "d.json");
        there.expect(detailed, "show d.json --detailed-exitcode");
        assert_eq!(there.expect(0, "show d.json --format junit").stdout, place.read("r.xml"), "{line}");
        assert_eq!(there.expect(0, "show d.json --format json").stdout, run.stdout, "{line}");
    }
}

#[test]
fn what_cannot_be_shown_is_bad_input() {
    let place = Place::new();
    place.write("list.json", "[]");
    place.write("text.json", "no");
    place.write("half.json", r#"{"schema": "sipform.apply/v1"}"#);
    place.write("later.json", r#"{"schema": "sipform.plan/v9"}"#);
    for (code, file, says) in [
        (1, "missing.json", "missing.json can't be read"),
        (1, "list.json", "list.json isn't a"),
        (1, "text.json", "text.json isn't a document of sipform's: no JSON at line 1"),
        (1, "half.json", "half.json can't be shown: a field is missing"),
        (3, "later.json", "schema that this sipform can't read"),
    ] {
        place.expect(code, &format!("show {file}")).says(says);
    }
}

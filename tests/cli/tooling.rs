//! What comes with the program: schemas, completions, manual pages.

use super::harness::Place;

const COMMANDS: [&str; 10] =
    ["validate", "plan", "apply", "drift", "show", "check", "import", "schema", "completions", "man"];

#[test]
fn schemas_are_those_that_are_committed() {
    let place = Place::new();
    for (line, committed) in [
        ("schema", include_str!("../../schema/desired.schema.json")),
        ("schema desired", include_str!("../../schema/desired.schema.json")),
        ("schema plan", include_str!("../../schema/plan.schema.json")),
        ("schema apply", include_str!("../../schema/apply.schema.json")),
        ("schema drift", include_str!("../../schema/drift.schema.json")),
    ] {
        let run = place.run(line);
        assert_eq!((run.code, &*run.stderr), (0, ""), "{line}");
        assert!(run.stdout == committed, "{line}: run `cargo run --example reference`");
    }
    assert_eq!(place.run("schema import").code, 1);
}

#[test]
fn every_shell_gets_every_command() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let run = place.run(&format!("completions {shell}"));
        assert_eq!((run.code, &*run.stderr), (0, ""), "{shell}");
        for command in COMMANDS {
            assert!(run.stdout.contains(command), "{shell} isn't told of {command}");
        }
    }
    assert_eq!(place.run("completions tcsh").code, 1);
}

#[test]
fn every_command_has_its_manual_page() {
    let place = Place::new();
    assert_eq!(place.run("man --out pages/man1").code, 0);
    for command in COMMANDS {
        let page = place.read(&format!("pages/man1/sipform-{command}.1"));
        assert!(page.is_ascii() && page.contains(".SH SYNOPSIS"), "{command}");
    }
    let whole = place.read("pages/man1/sipform.1");
    assert!(whole.contains(".SH \"EXIT STATUS\"\n.TP\n\\fB0\\fR\nsuccess"), "{whole}");
    assert!(whole.contains("\\fB130\\fR\n"), "{whole}");
    assert_eq!(place.run("man").stdout, whole);

    place.write("file", "");
    let run = place.run("man --out file");
    assert_eq!((run.code, &*run.stdout), (1, ""));
    assert!(run.stderr.contains("file can't be written"), "{}", run.stderr);
}

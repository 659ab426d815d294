#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod clashes;
mod hostile;
mod many;
mod mistakes;
mod properties;
mod secrets;
mod semantics;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Loaded, Resolved, Resolver, Unreadable, Wanted, load};
use crate::diag::Diagnostics;
use crate::model::field::{Scope, Type};
use crate::model::kinds::{SIP_NUMBER, TRUNK};
use crate::model::table::{ANY_TEXT, Ability, Setting, TextRules};
use crate::model::{Desired, DesiredObject, FieldSupport, KindSupport, ProviderTable, Value};
use crate::render::diagnostic::write_diagnostics;

const CARRIER: Scope = Scope::Only(&["register", "peer"]);
const TEXT: Setting = Setting { name: "", ty: Type::Text, secret: false, default: None, doc: "" };

const fn plain(name: &'static str) -> FieldSupport {
    FieldSupport { name, ..FieldSupport::PLAIN }
}

/// A vendor with trunks, like Yeastar.
static YEASTAR: ProviderTable = ProviderTable {
    name: "yeastar",
    title: "Yeastar",
    default_url: None,
    settings: &[
        Setting { name: "username", ..TEXT },
        Setting { name: "password", secret: true, ..TEXT },
        Setting { name: "api_version", default: Some("v2.0.0"), ty: Type::Choice(&["v2.0.0", "v1.1.0"]), ..TEXT },
    ],
    concurrency: 1,
    requests_per_second: Some(5.0),
    timeout: Duration::from_secs(30),
    credential: "password",
    calls: false,
    access: "",
    kinds: &[KindSupport {
        kind: &TRUNK,
        key: TextRules { max_length: 31, refused: ",", doubtful: "!$", reserved: &["all"], ..ANY_TEXT },
        fields: &[
            plain("type"),
            FieldSupport { unique: Scope::Only(&["peer"]), ..plain("host") },
            plain("port"),
            FieldSupport { required: CARRIER, ..plain("domain") },
            FieldSupport { unique: Scope::All, ..plain("username") },
            plain("auth_name"),
            FieldSupport { rules: TextRules { max_length: 63, doubtful: " &", ..ANY_TEXT }, ..plain("password") },
            plain("from_user"),
            plain("dod"),
        ],
        create: Ability::Yes,
        update: Ability::Yes,
        rename: Ability::Yes,
        delete: Ability::Yes,
        full_replacement: false,
        refuses_duplicates: true,
        may_double_with: None,
    }],
};

/// A vendor with SIP numbers, like 7moor.
static MOOR: ProviderTable = ProviderTable {
    name: "7moor",
    title: "7moor",
    default_url: Some("http://v7openapi.7moor.com"),
    settings: &[Setting { name: "app_key", ..TEXT }, Setting { name: "secret", secret: true, ..TEXT }],
    concurrency: 4,
    requests_per_second: None,
    timeout: Duration::from_mins(1),
    credential: "secret",
    calls: false,
    access: "",
    kinds: &[KindSupport {
        kind: &SIP_NUMBER,
        key: TextRules { digits: true, ..ANY_TEXT },
        fields: &[
            plain("password"),
            plain("nat"),
            plain("codecs"),
            FieldSupport { unique: Scope::All, ..plain("agent") },
        ],
        create: Ability::Yes,
        update: Ability::Yes,
        rename: Ability::Yes,
        delete: Ability::Yes,
        full_replacement: false,
        refuses_duplicates: false,
        may_double_with: None,
    }],
};

/// A vendor whose trunks have neither DOD nor a computed domain, like `OpenVox`.
static OPENVOX: ProviderTable = ProviderTable {
    name: "openvox",
    title: "OpenVox",
    calls: false,
    access: "",
    kinds: &[KindSupport {
        kind: &TRUNK,
        key: ANY_TEXT,
        fields: &[
            plain("type"),
            plain("host"),
            plain("port"),
            plain("domain"),
            plain("username"),
            plain("auth_name"),
            plain("password"),
            plain("from_user"),
        ],
        create: Ability::Yes,
        update: Ability::Yes,
        rename: Ability::Yes,
        delete: Ability::Yes,
        full_replacement: false,
        refuses_duplicates: true,
        may_double_with: None,
    }],
    settings: &[
        Setting { name: "username", ..TEXT },
        Setting { name: "password", secret: true, ..TEXT },
        Setting { name: "format", default: Some("json"), ty: Type::Choice(&["json", "xml"]), ..TEXT },
    ],
    default_url: None,
    concurrency: 1,
    requests_per_second: Some(5.0),
    timeout: Duration::from_secs(30),
    credential: "password",
};

static TABLES: [&ProviderTable; 3] = [&YEASTAR, &MOOR, &OPENVOX];

/// Two targets without a mistake, for entries to stand on.
const TARGETS: &str = "\
version: 1
targets:
  hq: { provider: yeastar, url: https://pbx, username: api, password: '${env:HQ}' }
  cc: { provider: 7moor, url: https://cc, app_key: '2000113', secret: '${env:CC}' }
";

/// Files in a folder of their own, loaded from there.
struct Files {
    folder: tempfile::TempDir,
    paths: Vec<PathBuf>,
}

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = files.iter().map(|(name, _)| folder.path().join(name)).collect();
        for (path, (_, text)) in paths.iter().zip(files) {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self { folder, paths }
    }

    fn load(&self) -> Loaded {
        load(&self.paths, &TABLES)
    }

    /// Diagnostics as people see them, with paths as if they stood in the working folder.
    fn drawn(&self, diagnostics: &Diagnostics) -> String {
        let mut text = String::new();
        write_diagnostics(&mut text, diagnostics, crate::render::style::Color::Off).unwrap();
        text.replace(&format!("{}/", self.folder.path().display()), "")
    }
}

/// What is said about one file that stands under [`TARGETS`].
fn said(text: &str) -> String {
    said_of(&[("t.yaml", TARGETS), ("a.yaml", text)])
}

/// What is said about some files.
fn said_of(files: &[(&str, &str)]) -> String {
    let files = Files::new(files);
    files.drawn(files.load().diagnostics())
}

/// The head lines of what is said: code, message and hint.
fn heads(text: &str) -> String {
    let is_head = |line: &&str| line.starts_with("error[") || line.starts_with("warning[") || line.contains("= help");
    let lines: Vec<&str> = text.lines().filter(is_head).map(str::trim).collect();
    lines.join("\n")
}

/// Variables and files by name.
#[derive(Default)]
struct Values(HashMap<String, String>);

impl Values {
    fn of(values: &[(&str, &str)]) -> Self {
        Self(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }
}

impl Resolver for Values {
    fn env(&self, name: &str) -> Result<Option<String>, Unreadable> {
        Ok(self.0.get(name).cloned())
    }

    fn file(&self, path: &Path) -> Result<String, Unreadable> {
        let name = path.file_name().unwrap().to_str().unwrap();
        self.0.get(name).cloned().ok_or(Unreadable { why: "no such file".into(), hint: None })
    }

    fn cmd(&self, command: &str) -> Result<String, Unreadable> {
        Ok(format!("output of {command}"))
    }
}

/// The desired state of one file that stands under [`TARGETS`].
fn resolved(text: &str, values: &[(&str, &str)]) -> Result<Resolved, String> {
    let files = Files::new(&[("t.yaml", TARGETS), ("a.yaml", text)]);
    let mut all = Values::of(&[("HQ", "hunter2"), ("CC", "hunter3")]);
    all.0.extend(Values::of(values).0);
    files.load().resolve(&all, &Wanted::ALL).map_err(|diagnostics| files.drawn(&diagnostics))
}

fn desired(text: &str) -> Desired {
    match resolved(text, &[]) {
        Ok(resolved) => resolved.desired,
        Err(said) => panic!("{said}"),
    }
}

fn value<'o>(object: &'o DesiredObject, field: &str) -> &'o Value {
    object.kind.value_of(&object.values, field).unwrap()
}

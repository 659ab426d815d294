//! Whatever a vendor shows is read back as it was, or said not to be.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::Parser as _;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use tempfile::TempDir;

use super::proof::{Proven, Subject};
use super::{context, exit, groups, secrets};
use crate::cli::args::{Cli, Command};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::material::Material;
use crate::cli::output::Output;
use crate::cli::session::Reading;
use crate::config::Environment;
use crate::diag::fit_to_print;
use crate::model::kinds::NUMBER;
use crate::model::{Completeness, Field, KindSupport, Listing, LiveObject, Snapshot, Type, Value};
use crate::plan;
use crate::provider::registry;

/// In every secret, and in nothing else.
const MARK: &str = "hunter2";

const TARGETS: &str = "\
version: 1
targets:
  a-yeastar: { provider: yeastar, url: \"https://a.example\", username: api, password: \"${file:secret}\" }
  b-openvox: { provider: openvox, url: \"https://b.example\", username: api, password: \"${file:secret}\" }
  c-7moor: { provider: 7moor, url: \"https://c.example\", app_key: \"2000113\", secret: \"${file:secret}\" }
  d-itniotech: { provider: itniotech, api_key: k, api_secret: \"${file:secret}\", app_id: a }
";

/// Texts that YAML, a shell, a terminal or the program itself could take for something else.
const NASTY: &[&str] = &[
    "no",
    "0123",
    "12:30",
    "1.2.3.4",
    "~",
    "null",
    "y",
    "=",
    "<<",
    "---",
    "-",
    "{number}",
    "a{number}",
    "${env:X}",
    "$${",
    "$",
    "$${env:X}",
    "a: b",
    "a #b",
    "#",
    "'",
    "\"",
    "\\",
    "\n",
    "a\r\nb",
    "\t",
    "\u{1b}[2J",
    "\u{2028}",
    "\u{feff}",
    " a",
    "a ",
    "##[group]",
    "::error::x",
    "a,b",
    "1-2-3",
    "100-103",
    "a--b",
    "x-y, z-w",
    "@a",
    "`a`",
    "%a",
    "!a",
    "&a",
    "*a",
    "[a]",
    "é号",
    "all",
    "",
];

struct Place {
    folder: TempDir,
}

impl Place {
    fn new(yaml: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret"), "sesame-1").unwrap();
        std::fs::write(folder.path().join("targets.yaml"), yaml).unwrap();
        Self { folder }
    }

    /// Imports a fleet beside these files, and looks at what came of it.
    fn import<T>(&self, fleet: &[(&str, Snapshot)], see: impl FnOnce(&Proven, Exit) -> T) -> T {
        let path = self.folder.path().display().to_string();
        let Command::Import(args) = Cli::try_parse_from(["sipform", "import", "-f", &path]).unwrap().command else {
            panic!("another command");
        };
        let output = Output::new(args.common.color, 0, args.format);
        let context = Context::load(&args.common, output).unwrap();
        let reading =
            |snapshot: &Snapshot| Reading { live: Ok(snapshot.clone()), observed: tokio::time::Instant::now() };
        let readings = fleet.iter().map(|(target, snapshot)| ((*target).into(), reading(snapshot)));
        let material = Material::new(&context, readings.collect(), None, &[]);
        let before = material.plan(&plan::Options::default());
        let (groups, omissions) = groups::of(&context, &before);
        let subject = Subject {
            context: &context,
            material: &material,
            before: &before,
            paths: &context::paths(&args.common.files),
            file: &self.folder.path().join("imported.yaml"),
            resolver: &Environment::default(),
            variables: &secrets::free_variables(&context.sources),
        };
        let proven = subject.write(&groups, omissions);
        let exit = exit(&before, &proven);
        see(&proven, exit)
    }
}

fn text() -> BoxedStrategy<String> {
    prop_oneof![
        3 => "[a-z][a-z0-9]{0,6}",
        1 => "[0-9]{1,6}",
        2 => proptest::sample::select(NASTY).prop_map(str::to_owned),
        1 => "\\PC{0,6}",
    ]
    .boxed()
}

fn value(ty: &'static Type) -> BoxedStrategy<Value> {
    match ty {
        Type::Text | Type::Host => text().prop_map(|text| ty.parse(&text).unwrap_or_default()).boxed(),
        Type::Integer { min, max } => {
            let outside = proptest::sample::select(vec![min - 1, max + 1]);
            prop_oneof![9 => *min..=*max, 1 => outside].prop_map(Value::Integer).boxed()
        }
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Choice(choices) => {
            let known = proptest::sample::select(*choices).prop_map(Value::text);
            prop_oneof![9 => known, 1 => text().prop_map(Value::text)].boxed()
        }
        Type::List(item) | Type::Set(item) => {
            proptest::collection::vec(value(item), 0..3).prop_map(|items| ty.gather(items)).boxed()
        }
        Type::Record(members) => {
            let values: Vec<_> = members.iter().map(|member| value(&member.ty)).collect();
            values.prop_map(|values| Value::Record(values.into())).boxed()
        }
        Type::Joined(_) => {
            let parts = (text(), text(), text()).prop_map(|(a, b, c)| Value::text(format!("{a}-{b}-{c}")));
            prop_oneof![4 => parts, 1 => text().prop_map(Value::text)].boxed()
        }
    }
}

fn field(support: &'static KindSupport, field: &'static Field) -> BoxedStrategy<Value> {
    let is_there = support.field(field.name).is_some();
    let hidden = |text: String| Value::secret(if text.is_empty() { text } else { format!("{MARK}{text}") });
    let shown = if field.secret { text().prop_map(hidden).boxed() } else { value(&field.ty) };
    if is_there {
        prop_oneof![8 => shown, 1 => Just(Value::NotReadable), 1 => Just(Value::Unset)].boxed()
    } else {
        Just(Value::Unset).boxed()
    }
}

fn object(support: &'static KindSupport) -> impl Strategy<Value = LiveObject> {
    let key = if support.kind.numeric_key { prop_oneof![3 => "[0-9]{4}", 1 => text()].boxed() } else { text() };
    let values: Vec<_> = support.kind.fields.iter().map(|of| field(support, of)).collect();
    // Fields that the variant doesn't have are absent, as providers read them.
    (key, "[a-z0-9]{8}", values).prop_map(move |(key, id, values)| {
        let variant = support.kind.variant_of(&values).map(str::to_owned);
        let fields = support.kind.fields.iter().zip(values);
        let values =
            fields.map(|(field, value)| if field.applies.covers(variant.as_deref()) { value } else { Value::Unset });
        LiveObject::new(if key.is_empty() { "k".to_owned() } else { key }, id, values.collect())
    })
}

fn snapshot(kinds: &'static [KindSupport]) -> impl Strategy<Value = Snapshot> {
    let listings: Vec<_> = kinds
        .iter()
        .map(|support| {
            let objects = proptest::collection::vec(object(support), 0..5);
            let listing = move |objects| Listing { kind: support.kind, completeness: Completeness::Complete, objects };
            objects.prop_map(listing)
        })
        .collect();
    listings.prop_map(|listings| Snapshot { listings, requests: 1 })
}

fn fleet() -> impl Strategy<Value = Vec<(&'static str, Snapshot)>> {
    let targets =
        [("a-yeastar", "yeastar"), ("b-openvox", "openvox"), ("c-7moor", "7moor"), ("d-itniotech", "itniotech")];
    let snapshots: Vec<_> = targets
        .into_iter()
        .map(|(target, provider)| {
            snapshot(registry::by_name(provider).unwrap().kinds).prop_map(move |snapshot| (target, snapshot))
        })
        .collect();
    snapshots
}

fn keys(fleet: &[(&str, Snapshot)]) -> BTreeSet<String> {
    let listings =
        fleet.iter().flat_map(|(target, snapshot)| snapshot.listings.iter().map(move |listing| (target, listing)));
    listings
        .flat_map(|(target, listing)| {
            listing.objects.iter().map(move |live| format!("{target}/{}/{}", listing.kind.name, live.key))
        })
        .collect()
}

fn reversed(fleet: &[(&'static str, Snapshot)]) -> Vec<(&'static str, Snapshot)> {
    let mut fleet = fleet.to_vec();
    for listing in fleet.iter_mut().flat_map(|(_, snapshot)| &mut snapshot.listings) {
        listing.objects.reverse();
    }
    fleet.reverse();
    fleet
}

/// The same cases every time, unless `PROPTEST_RNG_SEED` or `PROPTEST_CASES` asks for others.
fn cases(cases: u32) -> Config {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(20_261_122);
    }
    config
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn whatever_is_live_reads_back_as_it_is(fleet in fleet()) {
        let place = Place::new(TARGETS);
        let (yaml, known, ours) = place.import(&fleet, |proven, exit| {
            assert!(proven.differences.is_empty(), "{:#?}\n{}", proven.differences, proven.imported.yaml);
            assert_eq!(exit, Exit::Success);
            let secrets = proven.imported.secrets.iter().map(|(name, secret)| (name.clone(), secret.expose().to_owned()));
            let hidden = proven.imported.unknown_secrets.iter().map(|one| (one.name.clone(), one.stand_in.clone()));
            let ours: BTreeSet<_> = proven.imported.addresses().map(ToString::to_string).collect();
            let left_out: BTreeSet<_> = proven.omissions.objects().map(|(address, _)| address.to_string()).collect();
            // Nothing is lost in silence.
            assert_eq!(&ours | &left_out, keys(&fleet));
            assert!(ours.is_disjoint(&left_out));
            (proven.imported.yaml.clone(), secrets.chain(hidden).collect::<BTreeMap<_, _>>(), ours)
        });
        prop_assert!(!yaml.contains(MARK), "a secret in\n{yaml}");
        prop_assert_eq!(&fit_to_print(&yaml, false), &yaml, "fit for a terminal");
        let again = place.import(&reversed(&fleet), |proven, _| proven.imported.yaml.clone());
        prop_assert_eq!(&again, &yaml, "canonical");
        read_back(&place, &fleet, &yaml, known, &ours);
    }
}

/// A text that the YAML can say is written, and not left alone because it was written wrongly.
#[test]
fn whatever_the_yaml_can_say_is_written() {
    let can_be_said = |text: &&&str| !text.is_empty() && !text.contains(char::is_control) && !text.contains("{number}");
    let support = registry::by_name("itniotech").unwrap().support(&NUMBER).unwrap();
    let number = |(index, text): (usize, &&str)| {
        let mut values: Vec<_> = NUMBER.fields.iter().map(Field::default_value).collect();
        values[NUMBER.index_of("remark").unwrap()] = Value::text(*text);
        values[NUMBER.index_of("outbound_ips").unwrap()] = Value::List([Value::text(text.replace(',', ";"))].into());
        LiveObject::new(format!("{index:04}"), format!("{index:04}"), values.into())
    };
    let objects = NASTY.iter().filter(can_be_said).enumerate().map(number).collect();
    let listing = Listing { kind: support.kind, completeness: Completeness::Complete, objects };
    let fleet = [("d-itniotech", Snapshot { listings: vec![listing], requests: 1 })];
    Place::new(TARGETS).import(&fleet, |proven, exit| {
        assert_eq!(
            (&*proven.imported.left_alone, proven.omissions.objects().count(), exit),
            (&[][..], 0, Exit::Success)
        );
    });
}

/// By other means than the proof's: as a file, and by the comparison alone.
fn read_back(
    place: &Place,
    fleet: &[(&str, Snapshot)],
    yaml: &str,
    known: BTreeMap<String, String>,
    ours: &BTreeSet<String>,
) {
    let path = place.folder.path().join("imported.yaml");
    std::fs::write(&path, yaml).unwrap();
    let tables: Vec<_> = registry::tables().collect();
    let loaded = crate::config::load(&[PathBuf::from(place.folder.path())], &tables);
    let resolved = loaded.resolve(&Given(known), &crate::config::Wanted::ALL).unwrap_or_else(|wrong| {
        let said: Vec<_> = wrong.iter().map(|diagnostic| format!("{diagnostic:?}")).collect();
        panic!("{}\n{yaml}", said.join("\n"))
    });
    let claims = crate::model::Claims::default();
    let mut unchanged = BTreeSet::new();
    for target in &resolved.desired.targets {
        let (_, snapshot) = fleet.iter().find(|(name, _)| *name == &*target.name).unwrap();
        let diff = crate::diff::diff(&crate::diff::Input {
            target,
            desired: resolved.desired.objects_of(&target.name),
            unselected: &[],
            removed: &[],
            snapshot,
            claims: &claims,
            applied: &Nothing,
            replace: &[],
            selection: &crate::model::Selection::default(),
        });
        assert!(diff.changes.is_empty(), "{:#?}\n{yaml}", diff.changes);
        unchanged.extend(diff.unchanged.iter().map(|pair| pair.desired.address.to_string()));
    }
    assert_eq!(&unchanged, ours);
}

/// These variables, and one file.
struct Given(BTreeMap<String, String>);

impl crate::config::Resolver for Given {
    fn env(&self, name: &str) -> Result<Option<String>, crate::config::Unreadable> {
        Ok(self.0.get(name).cloned())
    }

    fn file(&self, _: &std::path::Path) -> Result<String, crate::config::Unreadable> {
        Ok("sesame-1".into())
    }

    fn cmd(&self, _: &str) -> Result<String, crate::config::Unreadable> {
        panic!("no command was written")
    }
}

/// Nothing was ever applied.
struct Nothing;

impl crate::diff::Applied for Nothing {
    fn compare(&self, _: &crate::model::Kind, _: &str, _: &str, _: &Value) -> crate::diff::LastApplied {
        crate::diff::LastApplied::Unknown
    }

    fn recognizes(&self, _: &KindSupport, _: &str, _: &LiveObject) -> bool {
        false
    }
}

//! Properties over random files.

use super::*;
use proptest::prelude::*;

const CANARY: &str = "zq7canary";

/// A text as YAML in double quotes.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

#[derive(Clone, Debug)]
struct Trunk {
    variant: &'static str,
    host: String,
    port: i64,
    password: String,
    from_user: String,
    dod: Vec<(String, String)>,
}

fn any_trunk() -> impl Strategy<Value = Trunk> {
    let variant = prop_oneof![Just("register"), Just("peer"), Just("account")];
    let text = "[a-zA-Z0-9#:@?*!%<>\\[\\]{}'\"\\\\|. +~-]{1,20}";
    let dod = proptest::collection::vec(("[0-9]{1,6}", "[a-z-]{0,6}"), 0..4);
    (variant, "[a-z0-9.-]{1,20}", 1..65535_i64, text, text, dod).prop_map(
        |(variant, host, port, password, from_user, dod)| Trunk { variant, host, port, password, from_user, dod },
    )
}

/// The trunk as somebody would write it, in block or in flow style.
fn written(name: &str, trunk: &Trunk, is_flow: bool) -> String {
    let Trunk { variant, host, port, password, from_user, dod } = trunk;
    let mut fields = vec![("name", quoted(name)), ("target", "hq".into()), ("type", (*variant).into())];
    if *variant != "account" {
        fields.extend([
            ("host", quoted(&format!("{name}.{host}"))),
            ("port", port.to_string()),
            ("domain", quoted(host)),
        ]);
    }
    if *variant != "peer" {
        fields.extend([("username", quoted(name)), ("auth_name", quoted(name)), ("password", quoted(password))]);
    }
    if *variant == "register" {
        fields.push(("from_user", quoted(from_user)));
    }
    let item =
        |(number, name): &(String, String)| format!("{{ number: {number}, name: \"{name}\", extension: \"1\" }}");
    fields.push(("dod", format!("{{ extensions: [{}] }}", dod.iter().map(item).collect::<Vec<_>>().join(", "))));
    let fields: Vec<String> = fields.into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
    if is_flow { format!("  - {{ {} }}\n", fields.join(", ")) } else { format!("  - {}\n", fields.join("\n    ")) }
}

fn expected(name: &str, trunk: &Trunk) -> Vec<Value> {
    let Trunk { variant, host, port, password, from_user, dod } = trunk;
    let only = |applies: bool, value: Value| if applies { value } else { Value::Unset };
    let (carrier, credentials) = (*variant != "account", *variant != "peer");
    let mut dods: Vec<String> = dod.iter().map(|(number, name)| format!("{number}-{name}-1")).collect();
    dods.sort();
    dods.dedup();
    let dods = Value::List(dods.into_iter().map(Value::text).collect());
    vec![
        Value::text(*variant),
        only(carrier, Value::text(format!("{name}.{host}"))),
        only(carrier, Value::Integer(*port)),
        only(carrier, Value::text(&**host)),
        only(credentials, Value::text(name)),
        only(credentials, Value::text(name)),
        only(credentials, Value::secret(&**password)),
        only(*variant == "register", Value::text(&**from_user)),
        Value::Record([dods, Value::List([].into())].into()),
    ]
}

/// A piece of a broken entry: lines and fragments that somebody could type, with a secret in them.
fn any_piece() -> impl Strategy<Value = String> {
    let pieces = [
        "  - ",
        "{ ",
        " }",
        "[",
        "]",
        ", ",
        ": ",
        ":",
        "\n",
        "\n    ",
        "\n      ",
        "number: '2004'",
        "name: a",
        "target: cc",
        "target: hq",
        "type: register",
        "nat: flase",
        "port: 99999",
        "password: ",
        "pasword: ",
        "secret: ",
        "\"",
        "'",
        "|\n",
        ">\n",
        "# ",
        " #",
        "&",
        "*",
        "!",
        "!!str ",
        "? ",
        "- ",
        "<<: ",
        "${",
        "$${",
        "}",
        "${env:X}",
        "\t",
        "\r\n",
        "\r",
        "é電",
        "---\n",
        "...\n",
        "%",
        "@",
        "`",
        "password: [",
        "dod: { extensions: [",
        "trunks:\n",
        "targets:\n",
        "defaults: { trunk: {",
        "removed:\n",
    ];
    prop_oneof![
        6 => proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned),
        1 => Just(format!("password: {CANARY}")),
        1 => Just(format!("pasword: {CANARY}")),
        1 => Just(format!(" # {CANARY}\n")),
        1 => Just(format!("secret: [{CANARY}, {{ a: {CANARY} }}]")),
    ]
}

/// A field of an entry that is YAML: a known one with a right or wrong value, or one that holds the secret.
fn any_field() -> impl Strategy<Value = (&'static str, String)> {
    let known = [
        ("name", "a"),
        ("name", "a,b"),
        ("number", "1-9"),
        ("number", "2004"),
        ("number", "9-1"),
        ("target", "hq"),
        ("target", "cc"),
        ("target", "hqq"),
        ("type", "peer"),
        ("type", "account"),
        ("type", "pear"),
        ("host", "h h"),
        ("host", "h"),
        ("port", "99999"),
        ("nat", "flase"),
        ("codecs", "[G711]"),
        ("codecs", "G711A"),
        ("agent", ""),
        ("agent", "${"),
        ("dod", "{ groups: [x] }"),
        ("protect", "maybe"),
        ("ignore_fields", "[pasword]"),
        ("provider", "yeastar"),
        ("provider", "7mor"),
        ("limits", "{ timeout: 1 }"),
        ("url", "x"),
        ("prune", "al"),
        ("address", "hq/trunk"),
        ("delete", "1x"),
        ("trunk", "{ port: x }"),
    ];
    let keys = ["password", "pasword", "secret", "Password", "x", "app_kei", "dodd", "trunc"];
    let secrets = [
        "CANARY",
        "\"CANARY\"",
        "'CANARY'",
        "a CANARY",
        "[CANARY]",
        "{ a: CANARY }",
        "{ CANARY }",
        "a,CANARY",
        "!x CANARY",
        "&p CANARY",
        "\"a CANARY",
        "'${CANARY}'",
        "'${env:X} CANARY'",
        "CANARY # CANARY",
        "\"\\tCANARY\"",
        "CANARY: a",
        "*CANARY",
        "\"CANARY\" b",
        "|\n        CANARY\n",
        "a\n        CANARY\n",
        "\"a\n        CANARY\"",
        "電 CANARY",
        "!!str CANARY",
        "https://u:CANARY@h",
    ];
    let known = proptest::sample::select(known.to_vec()).prop_map(|(key, value)| (key, value.to_owned()));
    let secret = (proptest::sample::select(keys.to_vec()), proptest::sample::select(secrets.to_vec()))
        .prop_map(|(key, value)| (key, value.replace("CANARY", CANARY)));
    let url = Just(("url", format!("https://u:{CANARY}@h")));
    prop_oneof![4 => known, 3 => secret, 1 => url]
}

/// An entry in flow or block style, some lines with a comment behind them.
fn any_entry() -> impl Strategy<Value = String> {
    let fields = proptest::collection::vec((any_field(), proptest::bool::weighted(0.1)), 1..7);
    (fields, any::<bool>()).prop_map(|(fields, is_flow)| {
        let comment = |has: bool| {
            if has && !is_flow { format!(" # {CANARY}") } else { String::new() }
        };
        let pairs = fields.iter().map(|((key, value), has)| format!("{key}: {value}{}", comment(*has)));
        let pairs: Vec<String> = pairs.collect();
        if is_flow { format!("{{ {} }}\n", pairs.join(", ")) } else { format!("{}\n", pairs.join("\n      ")) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_what_is_read(trunks in proptest::collection::vec((any_trunk(), any::<bool>()), 0..8)) {
        let name = |index: usize| format!("t{index:02}");
        let entries: String =
            trunks.iter().enumerate().map(|(index, (trunk, flow))| written(&name(index), trunk, *flow)).collect();
        let text = format!("trunks:\n{entries}");
        match resolved(&text, &[]) {
            Err(said) => prop_assert!(false, "{text}\n{said}"),
            Ok(resolved) => for (index, (trunk, _)) in trunks.iter().enumerate() {
                let object = resolved.desired.objects.get(index).unwrap();
                prop_assert_eq!(&*object.values, &*expected(&name(index), trunk), "{}", text);
            }
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        std::fs::write(&path, bytes).unwrap();
        let loaded = load(&[path], &TABLES);
        let may_be_refused = !loaded.diagnostics().is_empty() || loaded.target_count() > 0;
        prop_assert!(may_be_refused || loaded.resolve(&Values::default(), &Wanted::ALL).is_ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn a_canary_is_never_shown(
        pieces in proptest::collection::vec(any_piece(), 0..30),
        section in proptest::sample::select(vec!["trunks:\n", "sip_numbers:\n", "targets:\n", "removed:\n", "defaults:\n", ""]),
    ) {
        let text = format!("{section}{}", pieces.concat());
        // A key is shown.
        let is_word = |character: char| character.is_alphanumeric() || "_-.'\"".contains(character);
        let is_key = |rest: &str| rest.trim_start_matches(is_word).trim_start().starts_with(':');
        if text.split(CANARY).skip(1).any(is_key) {
            return Ok(());
        }
        let said = said(&text);
        prop_assert!(!said.contains(CANARY), "{text}\n=====\n{said}");
        let harmful = |character: char| character != '\n' && crate::diag::is_harmful(character);
        prop_assert!(!said.chars().any(harmful), "{said:?}");
    }

    #[test]
    fn a_canary_in_an_entry_is_never_shown(entries in proptest::collection::vec((any_entry(), 0..5), 1..4)) {
        let mut text = String::new();
        for (index, (entry, section)) in entries.iter().enumerate() {
            let opening = match section {
                0 => "trunks:\n    - ".to_owned(),
                1 => "sip_numbers:\n    - ".to_owned(),
                2 => "removed:\n    - ".to_owned(),
                3 => format!("targets:\n  t{index}:\n      "),
                _ => "defaults:\n  trunk:\n      ".to_owned(),
            };
            text = text + &opening + entry;
        }
        let said = said(&text);
        prop_assert!(!said.contains(CANARY), "{text}\n=====\n{said}");
        if let Err(said) = resolved(&text, &[("X", CANARY)]) {
            prop_assert!(!said.contains(CANARY), "{text}\n=====\n{said}");
        }
    }
}

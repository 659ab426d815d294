//! Objects and tables for tests: two vendors that differ in everything that matters here.

use std::sync::Arc;
use std::time::Duration;

use super::field::Scope;
use super::kinds::{SIP_NUMBER, TRUNK};
use super::table::{ANY_TEXT, Ability, FieldSupport, KindSupport, ProviderTable};
use super::{
    Address, Claim, Claims, Completeness, DesiredObject, Kind, Limits, Listing, LiveObject, Prune, Snapshot, Source,
    Target, Tls, Value,
};

/// The name of the target that everything here is on.
pub(crate) const TARGET: &str = "t";

const PLAIN: FieldSupport = FieldSupport::PLAIN;

const TRUNK_FIELDS: &[FieldSupport] = &[
    FieldSupport { name: "type", ..PLAIN },
    FieldSupport { name: "host", ..PLAIN },
    FieldSupport { name: "port", ..PLAIN },
    FieldSupport { name: "domain", computed: true, ..PLAIN },
    FieldSupport { name: "username", unique: Scope::Only(&["account"]), ..PLAIN },
    FieldSupport { name: "auth_name", ..PLAIN },
    FieldSupport { name: "password", ..PLAIN },
    FieldSupport { name: "from_user", ..PLAIN },
    FieldSupport { name: "dod", ..PLAIN },
];

const NUMBER_FIELDS: &[FieldSupport] = &[
    FieldSupport { name: "password", ..PLAIN },
    FieldSupport { name: "nat", ..PLAIN },
    FieldSupport { name: "codecs", ..PLAIN },
    FieldSupport { name: "agent", unique: Scope::All, not_on_create: Some("not registered yet"), ..PLAIN },
];

const TRUNKS: KindSupport = KindSupport {
    kind: &TRUNK,
    key: ANY_TEXT,
    fields: TRUNK_FIELDS,
    create: Ability::Yes,
    update: Ability::Yes,
    rename: Ability::Yes,
    delete: Ability::Yes,
    full_replacement: false,
    refuses_duplicates: true,
    may_double_with: None,
};

const NUMBERS: KindSupport =
    KindSupport { kind: &SIP_NUMBER, fields: NUMBER_FIELDS, refuses_duplicates: false, ..TRUNKS };

const BY_HAND: Ability = Ability::ByHand("do it by hand");
const RIGID_TRUNKS: KindSupport = KindSupport { rename: BY_HAND, delete: BY_HAND, ..TRUNKS };

const TABLE: ProviderTable = ProviderTable {
    name: "pbx",
    title: "A PBX",
    default_url: None,
    settings: &[],
    concurrency: 1,
    requests_per_second: None,
    timeout: Duration::from_secs(30),
    credential: "password",
    calls: false,
    access: "",
    kinds: &[TRUNKS],
};

/// Has trunks, and refuses a second one of a name.
pub(crate) static PBX: ProviderTable = TABLE;
/// Has numbers, binds agents to registered ones only, and takes a number twice.
pub(crate) static CENTRE: ProviderTable = ProviderTable { name: "centre", kinds: &[NUMBERS], ..TABLE };
/// Has trunks that it can neither rename nor delete.
pub(crate) static RIGID: ProviderTable = ProviderTable { name: "rigid", kinds: &[RIGID_TRUNKS], ..TABLE };

/// A target of this vendor.
pub(crate) fn target(provider: &'static ProviderTable) -> Target {
    Target {
        name: TARGET.into(),
        provider,
        url: "https://pbx.example".into(),
        settings: Box::default(),
        limits: Limits {
            concurrency: 4,
            requests_per_second: None,
            timeout: provider.timeout,
            max_body: super::target::DEFAULT_MAX_BODY,
        },
        prune: Prune::Claimed,
        ignore: Vec::new(),
        tls: Tls::default(),
        source: source(1),
    }
}

/// A place in a file.
pub(crate) fn source(line: u32) -> Source {
    Source { file: Arc::from("t.yaml"), line, column: 3 }
}

/// An entry with the defaults of its kind.
pub(crate) fn entry(kind: &'static Kind, key: &str) -> DesiredObject {
    DesiredObject {
        address: Address::new(TARGET, kind.name, key),
        kind,
        values: kind.fields.iter().map(super::Field::default_value).collect(),
        source: source(2),
        previously: None,
        protect: None,
        ignore_fields: super::FieldSet::default(),
    }
}

/// A trunk that trusts a carrier's address.
pub(crate) fn peer(key: &str, host: &str) -> DesiredObject {
    let unset = |entry: DesiredObject, field| entry.with(field, Value::Unset);
    let entry = entry(&TRUNK, key).with("type", Value::text("peer")).with("host", Value::text(host));
    ["username", "auth_name", "password", "from_user"].into_iter().fold(entry, unset)
}

/// A trunk that another PBX registers at.
pub(crate) fn account(key: &str, username: &str) -> DesiredObject {
    let unset = |entry: DesiredObject, field| entry.with(field, Value::Unset);
    let entry = entry(&TRUNK, key).with("type", Value::text("account")).with("username", Value::text(username));
    let entry = entry.with("auth_name", Value::text("auth")).with("password", Value::secret("secret"));
    ["host", "port", "from_user"].into_iter().fold(entry, unset)
}

/// A SIP number.
pub(crate) fn number(key: &str) -> DesiredObject {
    entry(&SIP_NUMBER, key).with("password", Value::secret("secret"))
}

/// Numbers and trunks with one field changed.
pub(crate) trait With: Sized {
    /// With this value for a field.
    fn with(self, field: &str, value: Value) -> Self;
}

impl With for DesiredObject {
    fn with(mut self, field: &str, value: Value) -> Self {
        let index = self.kind.index_of(field).unwrap_or(usize::MAX);
        self.values.get_mut(index).map(|slot| *slot = value).into_iter().for_each(drop);
        self
    }
}

impl With for LiveObject {
    fn with(mut self, field: &str, value: Value) -> Self {
        let mut kinds = super::kinds::ALL.iter().filter(|kind| kind.fields.len() == self.values.len());
        let index = kinds.next().and_then(|kind| kind.index_of(field)).unwrap_or(usize::MAX);
        self.values.get_mut(index).map(|slot| *slot = value).into_iter().for_each(drop);
        self
    }
}

/// What the vendor shows of an entry that was applied.
pub(crate) fn live(entry: &DesiredObject, id: &str) -> LiveObject {
    LiveObject::new(entry.address.key.clone(), id, entry.values.clone())
}

/// A whole listing.
pub(crate) fn snapshot(kind: &'static Kind, objects: Vec<LiveObject>) -> Snapshot {
    Snapshot { listings: vec![Listing { kind, completeness: Completeness::Complete, objects }], requests: 1 }
}

/// A listing of which something is missing.
pub(crate) fn partial(kind: &'static Kind, objects: Vec<LiveObject>) -> Snapshot {
    let completeness = Completeness::Incomplete("a page is missing".into());
    Snapshot { listings: vec![Listing { kind, completeness, objects }], requests: 1 }
}

/// Claims on these objects.
pub(crate) fn claimed<'l>(kind: &'static Kind, objects: impl IntoIterator<Item = &'l LiveObject>) -> Claims {
    let mut claims = Claims::of_ledger();
    for object in objects {
        let claim = Claim { remote_id: object.remote_id.clone(), ..Claim::default() };
        claims.insert(kind.name, object.key.clone(), claim);
    }
    claims
}

//! What can go wrong, as a flag spells it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::model::Glob;

/// One thing that goes wrong: `KIND[:ENDPOINT-GLOB][:COUNT]`, as in `refuse=10025:trunk/add_siptrunk:2`.
///
/// | kind | what the box does |
/// |---|---|
/// | `before` | HTTP 500, nothing done |
/// | `after` | does it, then HTTP 500 |
/// | `cut` | does it; the connection drops in the middle of the answer |
/// | `cut-before` | the connection drops without an answer, nothing done |
/// | `slow=MS` | does it at once, answers MS milliseconds later |
/// | `late=MS` | the connection drops, and it is done MS milliseconds later (writes only) |
/// | `garbage` | HTTP 200 with a web page, nothing done |
/// | `garbage-after` | does it, then HTTP 200 with a web page |
/// | `refuse=CODE` | the vendor's own error answer with this code, nothing done |
/// | `expire` | the call's token dies before the call (vendors with sessions) |
/// | `stale` | a listing shows the state before the last write that came after the fault was set |
/// | `short` | a listing leaves out its last record |
/// | `shift` | between two pages of a listing the first record moves to the end, so that one is missed (vendors with pages) |
/// | `lie` | says that a write is done, and doesn't do it |
/// | `wrong-login` | takes the right credentials for wrong ones |
/// | `random=SEED/PERCENT` | any of those that break a connection or a session, in so many calls of a hundred |
///
/// A fault strikes calls that got past the box's own checks (method, content type, token, signature). The endpoint is the
/// path behind the API's version (`login`, `trunk/list`, `call/sip/create`), `*` where it isn't given; a folder stands
/// for what is in it. COUNT is how many calls it strikes: 1 unless given, `*` for all (`random` strikes without end unless
/// given). A lone number behind the kind is the count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub(super) kind: Kind,
    pub(super) endpoint: Glob,
    /// `None`: without end.
    pub(super) count: Option<u64>,
}

/// What a fault does; [`Fault`] has the meanings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Before,
    After,
    Cut,
    CutBefore,
    Slow(Duration),
    Late(Duration),
    Garbage,
    GarbageAfter,
    Refuse(Box<str>),
    Expire,
    Stale,
    Short,
    Shift,
    Lie,
    WrongLogin,
    Random { seed: u64, percent: u8 },
}

/// The kinds by their spelling, with what stands behind the `=`.
const KINDS: &str = "before, after, cut, cut-before, slow=MS, late=MS, garbage, garbage-after, refuse=CODE, expire, stale, \
                     short, shift, lie, wrong-login, random=SEED/PERCENT";

/// The longest code that `refuse` takes, in characters.
const MAX_CODE: usize = 32;

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<_> = text.split(':').collect();
        let (kind, endpoint, count) = match *parts.as_slice() {
            [kind] => (kind, "*", None),
            [kind, count] if is_number(count) => (kind, "*", Some(count)),
            [kind, endpoint] => (kind, endpoint, None),
            [kind, endpoint, count] => (kind, endpoint, Some(count)),
            _ => return Err("expected a fault as KIND[:ENDPOINT][:COUNT], with at most two colons".into()),
        };
        let kind = Kind::from_str(kind)?;
        if endpoint.is_empty() {
            return Err("expected an endpoint like trunk/list behind the colon, or * for all".into());
        }
        let endpoint = Glob::new(endpoint).map_err(|why| format!("the fault's endpoint is no pattern: {why}"))?;
        let count = match count {
            Some(count) => parse_count(count)?,
            None if matches!(kind, Kind::Random { .. }) => None,
            None => Some(1),
        };
        Ok(Self { kind, endpoint, count })
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, argument) = text.split_once('=').map_or((text, None), |(name, rest)| (name, Some(rest)));
        let kind = match (name, argument) {
            ("before", None) => Self::Before,
            ("after", None) => Self::After,
            ("cut", None) => Self::Cut,
            ("cut-before", None) => Self::CutBefore,
            ("slow", Some(text)) => Self::Slow(parse_delay("slow", text)?),
            ("late", Some(text)) => Self::Late(parse_delay("late", text)?),
            ("garbage", None) => Self::Garbage,
            ("garbage-after", None) => Self::GarbageAfter,
            ("refuse", Some(code)) => Self::Refuse(parse_code(code)?.into()),
            ("expire", None) => Self::Expire,
            ("stale", None) => Self::Stale,
            ("short", None) => Self::Short,
            ("shift", None) => Self::Shift,
            ("lie", None) => Self::Lie,
            ("wrong-login", None) => Self::WrongLogin,
            ("random", Some(text)) => parse_random(text)?,
            _ => return Err(format!("expected a kind of fault, one of {KINDS}; found `{text}`")),
        };
        Ok(kind)
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_count(text: &str) -> Result<Option<u64>, String> {
    match text {
        "*" => Ok(None),
        _ if is_number(text) && text.parse() != Ok(0_u64) => text.parse().map(Some).map_err(|_| count_expected(text)),
        _ => Err(count_expected(text)),
    }
}

fn count_expected(found: &str) -> String {
    format!("expected the fault's count as a whole number from 1, or * for always; found `{found}`")
}

fn parse_delay(kind: &str, text: &str) -> Result<Duration, String> {
    let millis =
        text.parse::<u32>().map_err(|_| format!("expected {kind}=MS with whole milliseconds; found `{text}`"))?;
    Ok(Duration::from_millis(millis.into()))
}

fn parse_code(text: &str) -> Result<&str, String> {
    let fits = (1..=MAX_CODE).contains(&text.len());
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    (fits && plain)
        .then_some(text)
        .ok_or_else(|| "expected refuse=CODE with a vendor's error code, like refuse=10025".into())
}

fn parse_random(text: &str) -> Result<Kind, String> {
    let parsed = text.split_once('/').and_then(|(seed, percent)| {
        let percent = percent.parse().ok().filter(|percent| *percent <= 100)?;
        Some(Kind::Random { seed: seed.parse().ok()?, percent })
    });
    parsed.ok_or_else(|| format!("expected random=SEED/PERCENT, like random=7/20; found `{text}`"))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:", self.kind, self.endpoint.pattern())?;
        match self.count {
            Some(count) => write!(f, "{count}"),
            None => f.write_str("*"),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Before => "before",
            Self::After => "after",
            Self::Cut => "cut",
            Self::CutBefore => "cut-before",
            Self::Slow(delay) => return write!(f, "slow={}", delay.as_millis()),
            Self::Late(delay) => return write!(f, "late={}", delay.as_millis()),
            Self::Garbage => "garbage",
            Self::GarbageAfter => "garbage-after",
            Self::Refuse(code) => return write!(f, "refuse={code}"),
            Self::Expire => "expire",
            Self::Stale => "stale",
            Self::Short => "short",
            Self::Shift => "shift",
            Self::Lie => "lie",
            Self::WrongLogin => "wrong-login",
            Self::Random { seed, percent } => return write!(f, "random={seed}/{percent}"),
        };
        f.write_str(name)
    }
}

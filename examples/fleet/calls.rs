//! The calls of a floor, each answer fetched whole, decoded record by record, and forgotten.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::Failure;

/// The sandbox's contact centre.
pub(crate) struct Centre {
    http: reqwest::Client,
    url: String,
    calls: AtomicU64,
}

const APP_KEY: &str = "2000113";
const SECRET: &[u8] = b"sandbox-secret";

impl Centre {
    pub(crate) fn new(url: &str) -> Result<Self, Failure> {
        // No two runs within the same second sign the same.
        let begin = u64::from(SystemTime::now().duration_since(UNIX_EPOCH)?.subsec_nanos());
        Ok(Self { http: client()?, url: url.to_owned(), calls: AtomicU64::new(begin) })
    }

    /// Both listings at once, as sipform asks for them.
    pub(crate) async fn list(&self) -> Result<(), Failure> {
        let list = async { decode::<Answer<'_, Records<Listed<'_>>>>(&self.call("sip/list", String::new()).await?) };
        let query = async { decode::<Answer<'_, Queries<'_>>>(&self.call("query/number", String::new()).await?) };
        futures_util::future::try_join(list, query).await.map(drop)
    }

    /// Makes so many numbers.
    pub(crate) async fn create(&self, count: usize, in_flight: usize) -> Result<(), Failure> {
        let creates = stream::iter(0..count).map(|place| {
            let number = (20_000_000 + place).to_string();
            let body = json!({ "number": number, "password": format!("sandbox-{number}"), "isNAT": false,
                "codingFormat": ["G711A"], "agentId": "" });
            async move { decode::<Answer<'_, IgnoredAny>>(&self.call("sip/create", body.to_string()).await?) }
        });
        creates.buffer_unordered(in_flight).try_collect().await
    }

    async fn call(&self, endpoint: &str, body: String) -> Result<Bytes, Failure> {
        let timestamp = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs().to_string();
        let nonce = format!("{:06}", self.calls.fetch_add(1, Ordering::Relaxed) % 1_000_000);
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET)?;
        for part in [APP_KEY, &timestamp, &nonce] {
            mac.update(part.as_bytes());
        }
        let request = self
            .http
            .post(format!("{}/openapi/v1/call/{endpoint}", self.url))
            .header("content-type", "application/json")
            .header("m7-appkey", APP_KEY)
            .header("m7-timestamp", timestamp)
            .header("m7-nonce", nonce)
            .header("m7-sign", STANDARD.encode(mac.finalize().into_bytes()));
        Ok(request.body(body).send().await?.bytes().await?)
    }
}

/// One of the sandbox's PBXs.
pub(crate) struct Pbx<'a> {
    http: &'a reqwest::Client,
    url: String,
}

impl Pbx<'_> {
    /// Reads so many PBXs, side by side.
    pub(crate) async fn list_all(url: &str, count: usize, in_flight: usize) -> Result<(), Failure> {
        let http = client()?;
        let each = stream::iter(1..=count).map(|place| {
            let pbx = Pbx { http: &http, url: format!("{url}/yeastar-{place}/api/v2.0.0") };
            async move { pbx.list().await }
        });
        each.buffer_unordered(in_flight).try_collect().await
    }

    /// A session with both listings.
    async fn list(&self) -> Result<(), Failure> {
        let login = json!({ "username": "api", "password": md5_hex("sandbox"), "port": "8260", "version": "2.0.0" });
        let answer: Value = serde_json::from_slice(&self.call("login", &login).await?)?;
        let token = answer.get("token").and_then(Value::as_str).ok_or("the PBX gives no token")?;
        decode::<Trunks<'_>>(&self.call(&format!("trunk/list?token={token}"), &json!({})).await?)?;
        let every = json!({ "id": "all" });
        decode::<Trunks<'_>>(&self.call(&format!("trunk/query_siptrunk?token={token}"), &every).await?)?;
        self.call(&format!("logout?token={token}"), &json!({})).await.map(drop)
    }

    async fn call(&self, endpoint: &str, body: &Value) -> Result<Bytes, Failure> {
        let request = self.http.post(format!("{}/{endpoint}", self.url));
        let request = request.header("content-type", "application/json; charset=utf-8").body(body.to_string());
        Ok(request.send().await?.bytes().await?)
    }
}

fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().no_proxy().retry(reqwest::retry::never()).build()
}

fn md5_hex(text: &str) -> String {
    let mut hex = String::new();
    for byte in Md5::digest(text) {
        // Writing to a string can't fail.
        _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// An answer that is worth its floor: one that was no success would be cheap.
fn decode<'a, T: Deserialize<'a> + Success>(body: &'a [u8]) -> Result<(), Failure> {
    let answer: T = serde_json::from_slice(body)?;
    if answer.is_one() { Ok(()) } else { Err("the sandbox refuses a floor's call".into()) }
}

trait Success {
    fn is_one(&self) -> bool;
}

#[derive(Deserialize)]
struct Answer<'a, T> {
    success: bool,
    #[serde(rename = "code", borrow)]
    _code: Cow<'a, str>,
    #[serde(rename = "data")]
    _data: Option<T>,
}

impl<T> Success for Answer<'_, T> {
    fn is_one(&self) -> bool {
        self.success
    }
}

#[derive(Deserialize)]
struct Queries<'a> {
    #[serde(rename = "sipNumberList", borrow)]
    _numbers: Records<Queried<'a>>,
}

/// What sipform reads of a record of the list.
#[derive(Deserialize)]
struct Listed<'a> {
    #[serde(rename = "sipId", borrow)]
    _id: Cow<'a, str>,
    #[serde(rename = "number", borrow)]
    _number: Cow<'a, str>,
    #[serde(rename = "agent")]
    _agent: IgnoredAny,
}

/// What sipform reads of a record of the query.
#[derive(Deserialize)]
struct Queried<'a> {
    #[serde(rename = "_id", borrow)]
    _id: Cow<'a, str>,
    #[serde(rename = "number", borrow)]
    _number: Cow<'a, str>,
    #[serde(rename = "password", borrow)]
    _password: Cow<'a, str>,
    #[serde(rename = "isNAT", borrow)]
    _nat: Cow<'a, str>,
    #[serde(rename = "codingFormat", borrow)]
    _codecs: Records<Cow<'a, str>>,
    #[serde(rename = "uid", borrow)]
    _agent: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Trunks<'a> {
    #[serde(borrow)]
    status: Cow<'a, str>,
    #[serde(rename = "trunklist", default, borrow)]
    _list: Records<Trunk<'a>>,
    #[serde(rename = "trunks", default, borrow)]
    _every: Records<Trunk<'a>>,
}

impl Success for Trunks<'_> {
    fn is_one(&self) -> bool {
        self.status == "Success"
    }
}

/// A trunk's parameters.
type Trunk<'a> = std::collections::BTreeMap<Cow<'a, str>, Cow<'a, str>>;

/// A list of which each item is decoded and dropped.
struct Records<T>(PhantomData<T>);

impl<T> Default for Records<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Records<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Self::default())
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Records<T> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<T>()?.is_some() {}
        Ok(self)
    }
}

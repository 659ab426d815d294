//! A session on one PBX.

use bytes::Bytes;
use http::{Request, Response};

use crate::http::{Class, Client, Failure, Token};
use crate::model::Target;
use crate::provider::loose::Record;
use crate::provider::pbx::{self, Connection, Credentials, Dialect, Params};

use super::request::Api;
use super::table::API_VERSION;
use super::version::Version;
use super::{auth, request, response};

/// A session on one PBX. Dropping it stops its heartbeat; only [`crate::provider::Reader::close`] logs out.
pub struct Session {
    pub(super) connection: Connection<Yeastar>,
}

/// How a Yeastar speaks.
pub(super) struct Yeastar {
    pub(super) version: Version,
    api: Api,
    credentials: Credentials,
}

impl Session {
    /// A session that logs in with its first call.
    pub fn new(target: &Target, client: Client) -> Self {
        let version = Version::of(target.setting_text(API_VERSION));
        let api = Api::new(&target.url, version);
        let dialect = Yeastar { version, api, credentials: auth::credentials(target) };
        Self { connection: Connection::new(dialect, target, client) }
    }

    pub(super) fn version(&self) -> Version {
        self.connection.dialect().version
    }
}

impl Dialect for Yeastar {
    fn login(&self) -> Params {
        auth::login(&self.credentials, self.version)
    }

    fn heartbeat(&self, address: &str) -> Params {
        request::heartbeat(address)
    }

    fn encode(&self, params: &Params) -> Result<Bytes, Failure> {
        Ok(params.json())
    }

    fn request(&self, endpoint: &str, token: Option<&Token>, body: Bytes) -> Result<Request<Bytes>, Failure> {
        self.api.call(endpoint, token, body)
    }

    fn decode(&self, class: Class, answer: &Response<Bytes>) -> Result<Record, Failure> {
        pbx::json(class, answer)
    }

    fn failure(&self, number: &str) -> Failure {
        response::failure(self.version, number)
    }
}

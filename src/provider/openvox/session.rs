//! A session on one PBX.

use bytes::Bytes;
use http::{Request, Response};

use crate::http::{Class, Client, Failure, Token};
use crate::model::Target;
use crate::provider::loose::Record;
use crate::provider::pbx::{Connection, Credentials, Dialect, Params};

use super::request::Api;
use super::table::{API_VERSION, FORMAT};
use super::wire::Format;
use super::{auth, request, response};

/// A session on one PBX. Dropping it stops its heartbeat; only [`crate::provider::Reader::close`] logs out.
pub struct Session {
    pub(super) connection: Connection<OpenVox>,
}

/// How an OpenVox speaks.
pub(super) struct OpenVox {
    api: Api,
    version: String,
    format: Format,
    credentials: Credentials,
}

impl Session {
    /// A session that logs in with its first call.
    pub fn new(target: &Target, client: Client) -> Self {
        let (version, format) = (target.setting_text(API_VERSION), Format::of(target.setting_text(FORMAT)));
        let dialect = OpenVox {
            api: Api::new(&target.url, version, format),
            version: version.to_owned(),
            format,
            credentials: auth::credentials(target),
        };
        Self { connection: Connection::new(dialect, target, client) }
    }
}

impl Dialect for OpenVox {
    fn login(&self) -> Params {
        auth::login(&self.credentials)
    }

    fn heartbeat(&self, address: &str) -> Params {
        request::heartbeat(address)
    }

    fn encode(&self, params: &Params) -> Result<Bytes, Failure> {
        self.api.encode(params)
    }

    fn request(&self, endpoint: &str, token: Option<&Token>, body: Bytes) -> Result<Request<Bytes>, Failure> {
        self.api.call(endpoint, token, body)
    }

    fn decode(&self, class: Class, answer: &Response<Bytes>) -> Result<Record, Failure> {
        response::decode(self.format, class, answer)
    }

    fn failure(&self, number: &str) -> Failure {
        response::failure(&self.version, number)
    }
}

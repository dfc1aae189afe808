//! Replayed wire answers: an HTTP client for the SDK that answers from a list and keeps what it was
//! sent.
//!
//! `aws-smithy-http-client` has one behind its feature `test-util`; that feature builds the client
//! and all its dependents a second time and turns on `serde_json/preserve_order` for everything
//! beside it. These few lines do not.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_autoscaling::config::{AsyncSleep, Credentials, SharedAsyncSleep, Sleep};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use failover::aws::{Access, Aws};
use failover::log::Log;
use failover::settings::Settings;
use serde_json::Value;

use crate::cbor;

/// One answer of AWS.
#[derive(Debug)]
pub enum Answer {
    /// A status and a body of the query protocol.
    Xml(u16, String),
    /// A status and a body of RPC v2 CBOR.
    Cbor(u16, Value),
    /// A status and a body of AWS JSON.
    Json(u16, Value),
    /// The connection broke.
    Broken,
}

/// The list, and what was sent.
#[derive(Clone, Debug)]
pub struct Replay {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    sent: Arc<Mutex<Vec<String>>>,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Replay {
    pub fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers = Arc::new(Mutex::new(answers.into_iter().collect()));
        Self { answers, sent: Arc::default(), lines: Arc::default() }
    }

    /// The shell's AWS over this list.
    pub fn aws(&self) -> Aws {
        let environment = crate::settings::environment();
        let settings = Settings::read(|variable| environment.get(variable).cloned());
        let access = Access {
            http: SharedHttpClient::new(self.clone()),
            credentials: Credentials::new("AKID", "secret", None, None, "test"),
            sleep: Some(SharedAsyncSleep::new(NoPause)),
        };
        Aws::new(&settings.expect("it is whole"), &access, Arc::new(self.clone()))
    }

    /// What was sent, one request after another, in words.
    pub fn sent(&self) -> String {
        let left = self.answers.lock().expect("one thread").len();
        assert_eq!(left, 0, "answers that nobody asked for");
        self.sent.lock().expect("one thread").join("\n")
    }

    /// What was logged.
    pub fn lines(&self) -> String {
        self.lines.lock().expect("one thread").join("\n")
    }
}

impl Log for Replay {
    fn line(&self, line: &str) {
        self.lines.lock().expect("one thread").push(line.to_owned());
    }
}

impl HttpConnector for Replay {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.sent.lock().expect("one thread").push(describe(&request));
        let answer = self.answers.lock().expect("one thread").pop_front();
        HttpConnectorFuture::ready(match answer.expect("an answer for each request") {
            Answer::Xml(status, body) => {
                Ok(response(status, &[("content-type", "text/xml")], body.into_bytes()))
            }
            Answer::Cbor(status, body) => {
                let headers =
                    [("content-type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")];
                Ok(response(status, &headers, cbor::encode(&body)))
            }
            Answer::Json(status, body) => {
                let headers = [("content-type", "application/x-amz-json-1.0")];
                Ok(response(status, &headers, body.to_string().into_bytes()))
            }
            Answer::Broken => Err(ConnectorError::io("connection reset by peer".into())),
        })
    }
}

impl HttpClient for Replay {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

fn response(status: u16, headers: &[(&'static str, &'static str)], body: Vec<u8>) -> HttpResponse {
    let status = status.try_into().expect("a valid status");
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    for &(name, value) in headers {
        response.headers_mut().insert(name, value);
    }
    response
}

/// Address and body, one parameter a line.
fn describe(request: &HttpRequest) -> String {
    let body = request.body().bytes().expect("a body in memory");
    if let Some(target) = request.headers().get("x-amz-target") {
        let body: Value = serde_json::from_slice(body).expect("JSON");
        let (method, uri) = (request.method(), request.uri());
        return format!("{method} {uri}\nX-Amz-Target: {target}\n{body:#}\n");
    }
    let cbor = request.headers().get("content-type") == Some("application/cbor");
    let body = if cbor {
        format!("{:#}", cbor::decode(body))
    } else {
        String::from_utf8_lossy(body).replace('&', "\n")
    };
    format!("{} {}\n{body}\n", request.method(), request.uri())
}

/// Pauses between two tries end at once, bounds never.
#[derive(Debug)]
struct NoPause;

impl AsyncSleep for NoPause {
    fn sleep(&self, duration: Duration) -> Sleep {
        if duration < Duration::from_secs(1) {
            Sleep::new(std::future::ready(()))
        } else {
            Sleep::new(std::future::pending())
        }
    }
}

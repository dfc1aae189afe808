//! EC2, SSM, SNS, Service Quotas, Certificate Manager, KMS, EventBridge and the logs without their SDK crates.
//!
//! Of these services two dozen read-only calls are needed. `aws-sdk-ec2` alone, which half of them would take, has 1.24 million
//! lines: more than all the clients that the tool builds together. So what speaks AWS's two plain protocols is here, and then
//! serves the smaller services as well. Signature, credentials and HTTP are the SDK's own.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::time::timeout;

use site::names::Region;

use super::super::CloudError;
use super::call::{Call, provider_words, words};
use super::{ATTEMPT_TIMEOUT, ATTEMPTS_MAX};

/// BOUND: grows with each try; with three tries, under a second of waiting.
const PAUSE: Duration = Duration::from_millis(250);
// Source: AWS "Common Errors".
const THROTTLING_CODES: [&str; 4] =
    ["Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"];

/// The way to services that have no SDK crate here.
#[derive(Debug)]
pub(super) struct Plain {
    connector: Connector,
}

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Ec2,
    Sns,
    Ssm,
    Quotas,
    Certificates,
    Events,
    Sqs,
    Iam,
    Kms,
    Logs,
}

/// How a service takes a call.
enum Protocol {
    /// A form; the answer is XML. The version is the service's.
    Query(&'static str),
    /// JSON both ways. The prefix is the service's.
    Json(&'static str),
}

/// What a service answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) body: String,
    /// The clock of the other end.
    pub(super) date: Option<String>,
}

impl Service {
    const fn name(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::Sns => "sns",
            Self::Ssm => "ssm",
            Self::Quotas => "servicequotas",
            Self::Certificates => "acm",
            Self::Events => "events",
            Self::Sqs => "sqs",
            Self::Iam => "iam",
            Self::Kms => "kms",
            Self::Logs => "logs",
        }
    }

    const fn protocol(self) -> Protocol {
        match self {
            Self::Ec2 => Protocol::Query("2016-11-15"),
            Self::Sns => Protocol::Query("2010-03-31"),
            Self::Sqs => Protocol::Query("2012-11-05"),
            Self::Iam => Protocol::Query("2010-05-08"),
            Self::Ssm => Protocol::Json("AmazonSSM"),
            Self::Quotas => Protocol::Json("ServiceQuotasV20190624"),
            Self::Certificates => Protocol::Json("CertificateManager"),
            Self::Events => Protocol::Json("AWSEvents"),
            Self::Kms => Protocol::Json("TrentService"),
            Self::Logs => Protocol::Json("Logs_20140328"),
        }
    }

    fn endpoint(self, region: &Region) -> String {
        // One endpoint for all regions, which wants the signature of us-east-1.
        if self == Self::Iam {
            return "https://iam.amazonaws.com".to_owned();
        }
        let suffix = if region.as_str().starts_with("cn-") { ".cn" } else { "" };
        format!("https://{}.{region}.amazonaws.com{suffix}", self.name())
    }
}

/// A call before it is signed.
struct Letter<'a> {
    service: Service,
    region: &'a Region,
    uri: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Plain {
    pub(super) fn new() -> Self {
        let tls = Provider::Rustls(CryptoMode::Ring);
        Self { connector: Connector::builder().tls_provider(tls).build() }
    }

    /// A call of a service that takes forms: each argument is a name and a value.
    pub(super) async fn form(
        &self,
        config: &SdkConfig,
        service: Service,
        region: &Region,
        operation: &'static str,
        arguments: &[(&str, &str)],
    ) -> Result<Answer, CloudError> {
        let Protocol::Query(version) = service.protocol() else {
            unreachable!("{} takes JSON", service.name());
        };
        let all = [("Action", operation), ("Version", version)].into_iter();
        let pairs = all.chain(arguments.iter().copied());
        let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        let pairs = pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let form = "application/x-www-form-urlencoded; charset=utf-8".to_owned();
        self.ask(config, service, region, operation, vec![("content-type", form)], body).await
    }

    /// A call of a service that takes JSON.
    pub(super) async fn json(
        &self,
        config: &SdkConfig,
        service: Service,
        region: &Region,
        operation: &'static str,
        arguments: &Value,
    ) -> Result<Value, CloudError> {
        let Protocol::Json(prefix) = service.protocol() else {
            unreachable!("{} takes forms", service.name());
        };
        let headers = vec![
            ("content-type", "application/x-amz-json-1.1".to_owned()),
            ("x-amz-target", format!("{prefix}.{operation}")),
        ];
        let body = arguments.to_string();
        let answer = self.ask(config, service, region, operation, headers, body).await?;
        let call = Call::new(operation, region);
        serde_json::from_str(&answer.body).map_err(|_| call.lacks("JSON"))
    }

    async fn ask(
        &self,
        config: &SdkConfig,
        service: Service,
        region: &Region,
        operation: &'static str,
        headers: Vec<(&'static str, String)>,
        body: String,
    ) -> Result<Answer, CloudError> {
        let call = Call::new(operation, region);
        let endpoint =
            config.endpoint_url().map_or_else(|| service.endpoint(region), ToOwned::to_owned);
        let uri = format!("{}/", endpoint.trim_end_matches('/'));
        let letter = Letter { service, region, uri, headers, body };
        let mut tries = 1;
        loop {
            // With the signature, because whoever holds the credentials may be asked over the network.
            let attempt = async {
                let request = letter.signed(config, &call).await?;
                self.send(request).await.map_err(|why| call.unreachable(why))
            };
            let answer = match timeout(ATTEMPT_TIMEOUT, attempt).await {
                Ok(answer) => answer,
                Err(_) => Err(call.unreachable("timed out".to_owned())),
            };
            let answer = answer.and_then(|(status, answer)| judged(&call, status, answer));
            match answer {
                Err(error) if tries < ATTEMPTS_MAX && is_passing(&error) => {
                    tokio::time::sleep(PAUSE * tries).await;
                    tries += 1;
                }
                answer => return answer,
            }
        }
    }

    async fn send(&self, request: HttpRequest) -> Result<(u16, Answer), String> {
        let response = self.connector.call(request).await;
        let response = response.map_err(|error| words(&error))?;
        let status = response.status().as_u16();
        let date = response.headers().get("date").map(ToOwned::to_owned);
        let body = ByteStream::new(response.into_body()).collect().await;
        let body = body.map_err(|error| error.to_string())?.into_bytes();
        Ok((status, Answer { body: String::from_utf8_lossy(&body).into_owned(), date }))
    }
}

impl Letter<'_> {
    async fn signed(&self, config: &SdkConfig, call: &Call) -> Result<HttpRequest, CloudError> {
        let signed_out = |detail| CloudError::Credentials { detail };
        let none = || signed_out("there is nowhere to look for them".to_owned());
        let provider = config.credentials_provider().ok_or_else(none)?;
        let credentials = provider.provide_credentials().await;
        let identity = credentials.map_err(|error| signed_out(provider_words(&error)))?.into();
        let broken = |error: &dyn std::error::Error| call.unreachable(error.to_string());
        let settings = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region.as_str())
            .name(self.service.name())
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| broken(&error))?
            .into();
        let headers = self.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let body = SignableBody::Bytes(self.body.as_bytes());
        let signable = SignableRequest::new("POST", self.uri.as_str(), headers.clone(), body);
        let signable = signable.map_err(|error| broken(&error))?;
        let (instructions, _) =
            sign(signable, &settings).map_err(|error| broken(&error))?.into_parts();
        let mut request = HttpRequest::new(SdkBody::from(self.body.as_str()));
        request.set_method("POST").map_err(|error| broken(&error))?;
        request.set_uri(self.uri.as_str()).map_err(|error| broken(&error))?;
        let all = headers.chain(instructions.headers());
        for (name, value) in all {
            let set = request.headers_mut().try_insert(name.to_owned(), value.to_owned());
            set.map_err(|error| broken(&error))?;
        }
        Ok(request)
    }
}

/// The answer, or the error that it tells.
fn judged(call: &Call, status: u16, answer: Answer) -> Result<Answer, CloudError> {
    if (200..300).contains(&status) {
        return Ok(answer);
    }
    let told = json_error(&answer.body).or_else(|| xml_error(&answer.body));
    Err(told.map_or_else(|| call.answered(status), |(code, detail)| call.refused(code, detail)))
}

fn json_error(body: &str) -> Option<(String, String)> {
    let body: Value = serde_json::from_str(body).ok()?;
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    // `com.amazon.coral.service#AccessDeniedException` with some services.
    let code = text("__type")?.rsplit('#').next().unwrap_or_default().to_owned();
    let detail = text("message").or_else(|| text("Message")).unwrap_or("no message");
    Some((code, detail.to_owned()))
}

fn xml_error(body: &str) -> Option<(String, String)> {
    let document = roxmltree::Document::parse(body).ok()?;
    let text = |name: &str| {
        let found = document.descendants().find(|node| node.tag_name().name() == name);
        found.and_then(|node| node.text()).map(ToOwned::to_owned)
    };
    Some((text("Code")?, text("Message").unwrap_or_else(|| "no message".to_owned())))
}

/// Whether the same call may go better a moment later.
fn is_passing(error: &CloudError) -> bool {
    let code = error.service_code();
    matches!(error, CloudError::Unreachable { .. })
        || code.is_some_and(|code| THROTTLING_CODES.contains(&code) || code.starts_with("HTTP 5"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_both_protocols_are_read() {
        let json = r#"{"__type":"com.amazonaws.ssm#ParameterNotFound","message":"none"}"#;
        assert_eq!(json_error(json), Some(("ParameterNotFound".to_owned(), "none".to_owned())));
        let ec2 = "<Response><Errors><Error><Code>UnauthorizedOperation</Code>\
                   <Message>You &amp; I</Message></Error></Errors></Response>";
        let expected = ("UnauthorizedOperation".to_owned(), "You & I".to_owned());
        assert_eq!(xml_error(ec2), Some(expected));
        let sns = "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
                   <Error><Code>NotFound</Code></Error></ErrorResponse>";
        assert_eq!(xml_error(sns), Some(("NotFound".to_owned(), "no message".to_owned())));
        assert_eq!(json_error("<html>"), None);
        assert_eq!(xml_error("{}"), None);
    }

    #[test]
    fn a_refusal_is_told_by_its_kind() {
        let region = Region::detector();
        let call = Call::new("DescribeRegions", &region);
        let answer = |body: &str| Answer { body: body.to_owned(), date: None };
        let code = "<Response><Error><Code>UnauthorizedOperation</Code></Error></Response>";
        let error = judged(&call, 403, answer(code)).expect_err("a refusal");
        assert!(matches!(error, CloudError::Denied { .. }), "{error}");
        let error = judged(&call, 503, answer("busy")).expect_err("a failure");
        assert_eq!(error.service_code(), Some("HTTP 503"));
        assert!(is_passing(&error));
        let error = judged(&call, 404, answer("nobody")).expect_err("a failure");
        assert!(!is_passing(&error));
    }

    #[test]
    fn china_has_names_of_its_own() {
        let region = |name| Region::parse(name).expect("a region");
        let [west, north] =
            ["us-west-2", "cn-north-1"].map(|name| Service::Ec2.endpoint(&region(name)));
        assert_eq!(west, "https://ec2.us-west-2.amazonaws.com");
        assert_eq!(north, "https://ec2.cn-north-1.amazonaws.com.cn");
    }
}

//! Reads from a signed request which call of which service in which region it is.

use hyper::header::{AUTHORIZATION, HeaderMap};
use hyper::{Request, Uri};
use serde::Serialize;

/// One kind of call, as the proxy counts them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Call {
    /// From the signature's scope, such as `us-east-2`; absent for a request that is not signed for one region.
    pub region: Option<String>,
    /// From the signature's scope, such as `autoscaling` or `monitoring`; absent for a request that is not signed.
    pub service: Option<String>,
    /// The name of the operation, or method and path where the protocol has no name in the request.
    pub operation: String,
}

impl Call {
    /// Reads a request.
    pub(super) fn read(request: &Request<impl AsRef<[u8]>>) -> Self {
        let (uri, headers) = (request.uri(), request.headers());
        let (region, service) = scope(uri, headers);
        let operation = target(headers)
            .or_else(|| cbor_path(uri))
            .or_else(|| action(uri.query().unwrap_or_default()))
            .or_else(|| action(&form(headers, request.body().as_ref())))
            .unwrap_or_else(|| format!("{} {}", request.method(), uri.path()));
        Self { region, service, operation }
    }
}

/// Region and service of the credential scope, in the header or in the query of a presigned URL.
///
/// `key/date/region/service/aws4_request`; a signature for several regions (version 4a) has no region there.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html>
fn scope(uri: &Uri, headers: &HeaderMap) -> (Option<String>, Option<String>) {
    let signed = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once("Credential="))
        .map(|(_, rest)| rest.split([',', ' ']).next().unwrap_or_default().to_owned());
    let presigned =
        || parameter(uri.query()?, "X-Amz-Credential").map(|value| value.replace("%2F", "/"));
    let Some(credential) = signed.or_else(presigned) else {
        return (None, None);
    };
    // Counted from the end: the key may hold anything.
    let mut parts = credential.rsplit('/').skip(1);
    let service = parts.next().map(str::to_owned);
    let region = parts
        .next()
        .filter(|part| !part.bytes().all(|byte| byte.is_ascii_digit()))
        .map(str::to_owned);
    (region, service)
}

/// JSON protocols: `X-Amz-Target: Service_20110101.Operation`.
fn target(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("x-amz-target")?.to_str().ok()?;
    value.rsplit('.').next().map(str::to_owned)
}

/// RPC v2 CBOR, which the CloudWatch client speaks: `/service/<name>/operation/<name>`.
fn cbor_path(uri: &Uri) -> Option<String> {
    let (_, operation) = uri.path().split_once("/operation/")?;
    Some(operation.to_owned())
}

/// Query protocol: `Action=Operation` in the form.
fn action(form: &str) -> Option<String> {
    parameter(form, "Action")
}

fn form(headers: &HeaderMap, body: &[u8]) -> String {
    let is_form = headers
        .get(hyper::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
    if is_form { String::from_utf8_lossy(body).into_owned() } else { String::new() }
}

fn parameter(form: &str, name: &str) -> Option<String> {
    form.split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(request: &Request<&str>) -> (Option<String>, Option<String>, String) {
        let call = Call::read(request);
        (call.region, call.service, call.operation)
    }

    fn signed(scope: &str) -> String {
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00")
    }

    /// Goal: every protocol of the services in use is named. Method: one request of each.
    #[test]
    fn the_call_is_read_from_every_protocol() {
        let query = Request::post("/")
            .header("authorization", signed("k/20260101/us-east-2/autoscaling/aws4_request"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("Version=2011-01-01&Action=UpdateAutoScalingGroup&MinSize=2")
            .expect("a request");
        let cbor = Request::post("/service/GraniteServiceVersion20100801/operation/DescribeAlarms")
            .header("authorization", signed("k/20260101/us-east-1/monitoring/aws4_request"))
            .body("")
            .expect("a request");
        let json = Request::post("/")
            .header("authorization", signed("k/20260101/us-east-2/ssm/aws4_request"))
            .header("x-amz-target", "AmazonSSM.GetParameter")
            .body("{}")
            .expect("a request");
        let rest = Request::get("/2013-04-01/healthcheck/x/status")
            .header("authorization", signed("k/20260101/us-east-1/route53/aws4_request"))
            .body("")
            .expect("a request");
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            read(&query),
            (some("us-east-2"), some("autoscaling"), "UpdateAutoScalingGroup".into())
        );
        assert_eq!(read(&cbor), (some("us-east-1"), some("monitoring"), "DescribeAlarms".into()));
        assert_eq!(read(&json), (some("us-east-2"), some("ssm"), "GetParameter".into()));
        assert_eq!(
            read(&rest),
            (some("us-east-1"), some("route53"), "GET /2013-04-01/healthcheck/x/status".into())
        );
    }

    /// Goal: what is not signed for one region has none. Method: no signature, version 4a, and a presigned URL.
    #[test]
    fn a_request_without_a_region_has_none() {
        let bare = Request::get("/x").body("").expect("a request");
        assert_eq!(read(&bare), (None, None, "GET /x".into()));
        let many = Request::get("/x")
            .header("authorization", signed("k/20260101/s3/aws4_request"))
            .body("")
            .expect("a request");
        assert_eq!(read(&many), (None, Some("s3".into()), "GET /x".into()));
        let presigned =
            Request::get("/x?X-Amz-Credential=k%2F20260101%2Fus-west-2%2Fs3%2Faws4_request")
                .body("")
                .expect("a request");
        assert_eq!(
            read(&presigned),
            (Some("us-west-2".into()), Some("s3".into()), "GET /x".into())
        );
    }
}

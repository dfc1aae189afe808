//! What AWS answers when it refuses, stops half-way or is not heard, replayed over a real socket.

use cloud::{
    Capacity, ChangeSetId, Cloud, CloudError, Dns, GroupView, Metric, Premises, Put, Stacks,
    Storage, Telemetry,
};
use failover_core::Timestamp;
use failover_core::decision::StandbyWrite;
use failover_core::record::Sizes;
use site::names::HostedZoneId;

use sample::server::{Reply, Server};
use sample::{Fake, consent, deploy, group_now, permit, region, request, stack_now};

/// A server that gives every request the same error of AWS's query protocol.
async fn refusing(code: &str) -> Server {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>as AWS says it\
         </Message></Error><RequestId>1</RequestId></ErrorResponse>"
    );
    Server::answering("403 Forbidden", &body).await
}

async fn account(code: &str) -> CloudError {
    let server = refusing(code).await;
    server.aws.account(&region("us-east-2")).await.expect_err("the server refuses everything")
}

#[tokio::test]
async fn expired_credentials_say_how_to_sign_in() {
    let cases = [("ExpiredToken", "aws sso login"), ("InvalidClientTokenId", "aws configure list")];
    for (code, advice) in cases {
        let error = account(code).await;
        assert!(matches!(error, CloudError::Credentials { .. }), "{error:?}");
        let help = miette::Diagnostic::help(&error).map(|help| help.to_string());
        assert!(help.is_some_and(|help| help.contains(advice)), "{error:?}");
    }
}

#[tokio::test]
async fn a_denied_call_names_operation_and_region() {
    let words = account("AccessDenied").await.to_string();
    assert!(words.contains("GetCallerIdentity") && words.contains("us-east-2"), "{words}");
}

/// A field of a form.
fn field(request: &str, name: &str) -> Option<String> {
    let form = request.split("\r\n\r\n").nth(1)?;
    form.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
}

/// An answer of the query protocol.
fn form(operation: &str, result: &str) -> String {
    format!(
        "<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"
    )
}

/// Goal: a lost answer does not end a deploy whose change runs. Method: the first answer is lost, and the call is sent again; the
/// token tells CloudFormation that it is the same one.
#[tokio::test]
async fn a_call_whose_answer_was_lost_is_sent_again_with_the_same_token() {
    let arn = "arn:aws:cloudformation:us-east-2:1:changeSet/pilotlight-1/0";
    for operation in ["ExecuteChangeSet", "ContinueUpdateRollback", "DeleteStack", "RollbackStack"]
    {
        let server = Server::scripted(vec![None, Some(("200 OK", form(operation, "")))]).await;
        let now = stack_now("us-east-2", "shop-network").await;
        let done = match operation {
            "ExecuteChangeSet" => {
                server.aws.execute_change_set(now, &ChangeSetId(arn.to_owned())).await
            }
            "DeleteStack" => server.aws.delete_stack(now).await,
            "RollbackStack" => server.aws.rollback_stack(now).await,
            _ => server.aws.continue_rollback(now, &[]).await,
        };
        assert_eq!(done, Ok(()), "{operation}");
        let asked = server.asked();
        let tokens: Vec<_> =
            asked.iter().map(|request| field(request, "ClientRequestToken")).collect();
        assert_eq!(tokens.len(), 2, "{operation}");
        assert!(tokens[0].is_some() && tokens[0] == tokens[1], "{operation}: {tokens:?}");
    }
}

/// Goal: another run that executes the same change set changes nothing twice, and another deletion of a stack is another one.
#[tokio::test]
async fn a_change_set_has_one_token_and_each_deletion_its_own() {
    let server = Server::answering("200 OK", &form("ExecuteChangeSet", "")).await;
    for id in ["arn:1", "arn:1", "arn:2"] {
        let now = stack_now("us-east-2", "shop-network").await;
        let done = server.aws.execute_change_set(now, &ChangeSetId(id.to_owned())).await;
        assert_eq!(done, Ok(()));
    }
    for _ in 0..2 {
        let now = stack_now("us-east-2", "shop-network").await;
        assert_eq!(server.aws.delete_stack(now).await, Ok(()));
    }
    let asked = server.asked();
    let tokens: Vec<_> = asked.iter().map(|request| field(request, "ClientRequestToken")).collect();
    assert!(tokens[0] == tokens[1] && tokens[1] != tokens[2], "{tokens:?}");
    assert_ne!(tokens[3], tokens[4]);
    let known = tokens.iter().flatten().all(|token| {
        token.len() <= 128 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    });
    assert!(known, "AWS takes no other letters: {tokens:?}");
}

#[tokio::test]
async fn a_token_that_is_known_already_means_that_the_call_was_heard() {
    let body =
        "<ErrorResponse><Error><Code>TokenAlreadyExistsException</Code></Error></ErrorResponse>";
    let server = Server::answering("400 Bad Request", body).await;
    let id = ChangeSetId("arn:1".to_owned());
    let now = stack_now("us-east-2", "shop-network").await;
    assert_eq!(server.aws.execute_change_set(now, &id).await, Ok(()));
}

/// Goal: a write sends nothing that it does not mean: what somebody else set meanwhile stays. Method: each kind of write over the
/// same group, as AWS gets it.
#[tokio::test]
async fn a_write_to_a_group_sends_only_what_differs_from_the_reading() {
    let sizes = |min, desired, max| Sizes { min, desired, max };
    let live = Fake::new();
    let view = GroupView { sizes: sizes(1, 3, 8), ..GroupView::default() };
    live.set_group(&region("us-east-2"), "shop-standby", view);
    for (write, min, desired, max) in [
        (StandbyWrite::Raise(sizes(2, 3, 8)), Some("2"), None, None),
        (StandbyWrite::Raise(sizes(4, 4, 8)), Some("4"), Some("4"), None),
        (StandbyWrite::Raise(sizes(1, 9, 9)), None, Some("9"), Some("9")),
        (StandbyWrite::LowerMin { min: 0 }, Some("0"), None, None),
        (StandbyWrite::LowerDesired { desired: 1, max: 8 }, None, Some("1"), None),
        (StandbyWrite::LowerDesired { desired: 1, max: 4 }, None, Some("1"), Some("4")),
    ] {
        let server = Server::answering("200 OK", &form("UpdateAutoScalingGroup", "")).await;
        let group = group_now(&live, "us-east-2", "shop-standby").await;
        assert_eq!(server.aws.write_standby(group, write).await, Ok(()), "{write:?}");
        let asked = server.asked();
        let sent = ["MinSize", "DesiredCapacity", "MaxSize"].map(|name| field(&asked[0], name));
        assert_eq!(sent, [min, desired, max].map(|one| one.map(str::to_owned)), "{write:?}");
    }
}

/// A page of a log: a line or none, and whether there is another page.
#[expect(clippy::unnecessary_wraps, reason = "one of a script, in which an answer may be lost")]
fn lines(text: Option<&str>, next: Option<&str>) -> Reply {
    let events = text.map(|text| format!(r#"{{"timestamp":1767225600000,"message":"{text}"}}"#));
    let next = next.map(|next| format!(r#","nextToken":"{next}""#)).unwrap_or_default();
    Some(("200 OK", format!(r#"{{"events":[{}]{next}}}"#, events.unwrap_or_default())))
}

/// Goal: the newest line is never lost, for silence is told as "the controller does not run". Method: AWS answers pages without
/// lines before it.
#[tokio::test]
async fn a_log_of_many_pages_keeps_its_newest_line() {
    let mut script = vec![lines(None, Some("on")); 24];
    script.push(lines(Some("the newest"), None));
    let server = Server::scripted(script).await;
    let found = server.aws.log_lines(&region("us-east-2"), "/shop", Timestamp::UNIX_EPOCH).await;
    let texts: Vec<_> = found.expect("an answer").into_iter().map(|line| line.text).collect();
    assert_eq!(texts, ["the newest"]);
}

/// Goal: what has more pages than its bound is an error, not a shorter list. Method: each list that we read, without an end.
#[tokio::test]
async fn a_list_without_an_end_is_an_error() {
    let place = region("us-east-2");
    let cut = |told: String| {
        assert!(told.contains("was not read to its end: it has more than"), "{told}");
    };
    let server = Server::scripted(vec![lines(None, Some("on"))]).await;
    cut(server
        .aws
        .log_lines(&place, "/shop", Timestamp::UNIX_EPOCH)
        .await
        .unwrap_err()
        .to_string());
    let next = "<NextToken>on</NextToken>";
    let server = Server::answering("200 OK", &form("ListStackResources", next)).await;
    cut(server.aws.stack_resources(&place, "shop").await.unwrap_err().to_string());
    let server = Server::answering("200 OK", &form("ListChangeSets", next)).await;
    cut(server.aws.change_sets(&place, "shop").await.unwrap_err().to_string());
    let server = Server::answering("200 OK", &form("DescribeStackEvents", next)).await;
    cut(server.aws.stack_events(&place, "shop", Some("old")).await.unwrap_err().to_string());
    let ready = format!("<Status>CREATE_COMPLETE</Status>{next}");
    let server = Server::answering("200 OK", &form("DescribeChangeSet", &ready)).await;
    let id = ChangeSetId("arn:1".to_owned());
    cut(server.aws.describe_change_set(&place, &id).await.unwrap_err().to_string());
    let server = Server::answering("200 OK", &form("DescribeAutoScalingGroups", next)).await;
    cut(server.aws.group(&place, "shop").await.unwrap_err().to_string());
    let checks = "<ListHealthChecksResponse><HealthChecks/><Marker>a</Marker><IsTruncated>true</IsTruncated>\
                  <NextMarker>b</NextMarker><MaxItems>100</MaxItems></ListHealthChecksResponse>";
    let server = Server::answering("200 OK", checks).await;
    cut(server.aws.check_made_with("token").await.unwrap_err().to_string());
    let records = "<ListResourceRecordSetsResponse><ResourceRecordSets/><IsTruncated>true</IsTruncated>\
                   <NextRecordName>shop.example.com.</NextRecordName><MaxItems>300</MaxItems></ListResourceRecordSetsResponse>";
    let server = Server::answering("200 OK", records).await;
    let zone = HostedZoneId::parse("Z0123456789ABCDEFGHIJ").expect("an id");
    cut(server.aws.named(&zone, "shop.example.com").await.unwrap_err().to_string());
}

/// Goal: the reasons of early validation are read as AWS gives them. Method: an answer in AWS's form, with each kind of event.
#[tokio::test]
async fn why_a_change_set_failed_is_read_from_its_events() {
    let event = |fields: &str| format!("<member><StackId>s</StackId>{fields}</member>");
    let events = [
        event(
            "<EventType>VALIDATION_ERROR</EventType><LogicalResourceId>Vpc</LogicalResourceId>\
             <ValidationName>PROPERTY_VALIDATION</ValidationName><ValidationPath>/Resources/Vpc</ValidationPath>\
             <ValidationStatus>FAILED</ValidationStatus><ValidationStatusReason>no CIDR</ValidationStatusReason>",
        ),
        event(
            "<EventType>HOOK_INVOCATION_ERROR</EventType><HookType>Org::Tags</HookType>\
             <HookStatusReason>a tag is missing</HookStatusReason>",
        ),
        event("<EventType>STACK_EVENT</EventType>"),
    ];
    let body = format!("<OperationEvents>{}</OperationEvents>", events.concat());
    let server = Server::answering("200 OK", &form("DescribeEvents", &body)).await;
    let id = ChangeSetId("arn:1".to_owned());
    let found = server.aws.change_set_failures(&region("us-east-2"), &id).await;
    let told = [
        "Vpc (/Resources/Vpc): no CIDR [PROPERTY_VALIDATION]",
        "the change set: a tag is missing [Org::Tags]",
    ];
    assert_eq!(found.expect("an answer"), told);
    let asked = server.asked();
    assert_eq!(field(&asked[0], "ChangeSetName").as_deref(), Some("arn%3A1"));
    assert_eq!(field(&asked[0], "Filters.FailedEvents").as_deref(), Some("true"));
}

/// Goal: the newest events are found in a stack that was changed for years. Method: the page with the last operation's beginning
/// says that there are more.
#[tokio::test]
async fn events_are_read_back_to_the_beginning_of_the_last_operation() {
    let event = |id: &str, status: &str| {
        format!(
            "<member><EventId>{id}</EventId><StackId>s</StackId><StackName>shop</StackName>\
             <ResourceType>AWS::CloudFormation::Stack</ResourceType><ResourceStatus>{status}</ResourceStatus>\
             <Timestamp>2026-01-01T00:00:00Z</Timestamp></member>"
        )
    };
    let page = |events: &str| {
        let body = format!("<StackEvents>{events}</StackEvents><NextToken>older</NextToken>");
        Some(("200 OK", form("DescribeStackEvents", &body)))
    };
    let script = vec![
        page(&event("3", "UPDATE_COMPLETE")),
        page(&(event("2", "UPDATE_IN_PROGRESS") + &event("1", "CREATE_COMPLETE"))),
    ];
    let server = Server::scripted(script).await;
    let events = server.aws.stack_events(&region("us-east-2"), "shop", None).await;
    let ids: Vec<_> = events.expect("an answer").into_iter().map(|event| event.id).collect();
    assert_eq!(ids, ["1", "2", "3"]);
    assert_eq!(server.asked().len(), 2);
}

/// Goal: what was not deleted is not counted as deleted. Method: S3 answers 200 and names one version that it refuses.
#[tokio::test]
async fn a_version_that_is_not_deleted_is_an_error() {
    let listed = "<ListVersionsResult><Version><Key>a.zip</Key><VersionId>1</VersionId></Version>\
                  <Version><Key>b.zip</Key><VersionId>2</VersionId></Version></ListVersionsResult>";
    let refused = "<DeleteResult><Error><Key>b.zip</Key><VersionId>2</VersionId><Code>AccessDenied</Code>\
                   <Message>not for you</Message></Error></DeleteResult>";
    let script = [listed, refused].map(|body| Some(("200 OK", body.to_owned())));
    let server = Server::scripted(script.into()).await;
    let site = Fake::new();
    deploy(&site, &request(&sample::site())).await.0.expect("it deploys");
    let bucket = consent().bucket(&site, &sample::site()).await.expect("it is read");
    let error = server.aws.empty_bucket(bucket.expect("it is there")).await.unwrap_err();
    let words = "AWS denies `DeleteObjects` in us-east-2: `b.zip`: not for you; object versions deleted before: 1";
    assert!(matches!(error, CloudError::Denied { .. }), "{error}");
    assert_eq!(error.to_string(), words);
    assert_eq!(server.asked().len(), 2, "it is not asked a hundred times");
}

/// Goal: a metric that could not be read is no metric without points. Method: CloudWatch answers 200 with a status of its own.
#[tokio::test]
async fn a_metric_that_cloudwatch_could_not_read_is_an_error() {
    // {"MetricDataResults":[{"StatusCode":"InternalError"}]}, as CBOR.
    let mut body = vec![0xa1, 0x71];
    body.extend(b"MetricDataResults");
    body.extend([0x81, 0xa1, 0x6a]);
    body.extend(b"StatusCode");
    body.push(0x6d);
    body.extend(b"InternalError");
    let server = Server::bytes("200 OK\r\nsmithy-protocol: rpc-v2-cbor", body).await;
    let metric = Metric {
        namespace: "AWS/Route53".to_owned(),
        name: "HealthCheckStatus".to_owned(),
        dimensions: Vec::new(),
    };
    let period = std::time::Duration::from_mins(1);
    let found =
        server.aws.newest_value(&region("us-east-1"), &metric, period, Timestamp::UNIX_EPOCH).await;
    assert_eq!(found.unwrap_err().service_code(), Some("InternalError"));
}

/// Goal: a denied `HeadObject` is told as denied: a HEAD's answer has no body, and so no code. Method: every status that says
/// something.
#[tokio::test]
async fn an_answer_without_a_body_is_told_by_its_status() {
    let place = region("us-east-2");
    let file = tempfile::NamedTempFile::new().expect("a file");
    let head = async |status: &'static str| {
        let server = Server::answering(status, "").await;
        let put =
            server.aws.put_object(&permit(), &place, "shop-artifacts", "a.zip", file.path()).await;
        (put, server.asked().len())
    };
    for (status, words, kind) in [
        (
            "403 Forbidden",
            "AWS denies `HeadObject` in us-east-2: HTTP 403, without a reason",
            "denied",
        ),
        (
            "401 Unauthorized",
            "AWS denies `HeadObject` in us-east-2: HTTP 401, without a reason",
            "denied",
        ),
        (
            "429 Too Many Requests",
            "`HeadObject` failed in us-east-2: HTTP 429: too many requests",
            "service",
        ),
        (
            "503 Service Unavailable",
            "`HeadObject` failed in us-east-2: HTTP 503: too many requests, or the service is not available",
            "service",
        ),
        (
            "500 Internal Server Error",
            "`HeadObject` failed in us-east-2: HTTP 500: an error of the service",
            "service",
        ),
    ] {
        let (put, _) = head(status).await;
        let error = put.expect_err("it is refused");
        assert_eq!(error.to_string(), words);
        let code = miette::Diagnostic::code(&error).map(|code| code.to_string());
        assert_eq!(code, Some(format!("cloud::{kind}")));
    }
    assert_eq!(head("200 OK").await, (Ok(Put::Present), 1));
}

#[tokio::test]
async fn an_answer_that_is_not_of_aws_is_told_by_its_status() {
    let place = region("us-east-2");
    for (status, words) in [
        (
            "502 Bad Gateway",
            "`DescribeStacks` failed in us-east-2: HTTP 502: an error of the service",
        ),
        ("403 Forbidden", "AWS denies `DescribeStacks` in us-east-2: HTTP 403, without a reason"),
        ("404 Not Found", "`DescribeStacks` failed in us-east-2: HTTP 404: there is no such thing"),
        (
            "200 OK",
            "the answer to `DescribeStacks` in us-east-2 lacks a form that AWS's answers have",
        ),
    ] {
        let server = Server::answering(status, "<html><p>proxy</html>").await;
        let error = server.aws.describe_stack(&place, "shop").await.expect_err("a proxy");
        assert_eq!(error.to_string(), words);
    }
}

/// Goal: an order in an outage waits for STS once at most. Method: whoever asks again is told what was heard before.
/// Goal: a network that fails is told in words, and not as the library prints its own types. Method: every answer is lost.
#[tokio::test]
async fn a_lost_answer_is_told_without_the_types_of_the_library() {
    let server = Server::scripted(vec![None; 8]).await;
    let lost = server.aws.zones_with(&region("us-east-2"), "t4g.micro").await;
    let words = lost.expect_err("nobody answers").to_string();
    assert!(words.contains("DescribeInstanceTypeOfferings"), "{words}");
    assert!(!words.contains(['{', '(']), "{words}");
}

#[tokio::test]
async fn sts_is_asked_once() {
    let place = region("us-east-2");
    let body =
        form("GetCallerIdentity", "<Arn>arn:aws:sts::1:user/alice</Arn><Account>1</Account>");
    let server = Server::answering("200 OK", &body).await;
    assert_eq!(server.aws.account(&place).await.as_deref(), Ok("1"));
    assert_eq!(server.aws.caller(&place).await.as_deref(), Ok("arn:aws:sts::1:user/alice"));
    assert_eq!(server.asked().len(), 1);
    let denied = refusing("AccessDenied").await;
    let first = denied.aws.account(&place).await;
    assert_eq!(denied.aws.caller(&place).await.unwrap_err(), first.unwrap_err());
    assert_eq!(denied.asked().len(), 1, "an STS that refuses is not asked again");
}

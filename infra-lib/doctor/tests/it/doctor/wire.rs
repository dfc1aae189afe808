//! What AWS answers in its two plain protocols, read over a real socket. The answers are those of AWS's API references.

use cloud::{CloudError, Counted, Issuer, Premises, Quota, RegionStatus, Wiring};
use failover_core::Timestamp;
use site::names::CertificateArn;

use sample::region;
use sample::server::Server;

/// Goal: a call is one that AWS would take. Method: the request as it was sent, with its signature's scope.
#[tokio::test]
async fn a_form_is_signed_for_its_service_and_region() {
    let body = "<DescribeRegionsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><regionInfo><item>\
                <regionName>af-south-1</regionName><optInStatus>not-opted-in</optInStatus></item></regionInfo>\
                </DescribeRegionsResponse>";
    let server = Server::answering("200 OK", body).await;
    let status = server.aws.region_status(&region("af-south-1")).await.expect("an answer");
    assert_eq!(status, Some(RegionStatus::NotOptedIn));
    let status = server.aws.region_status(&region("us-west-2")).await.expect("an answer");
    assert_eq!(status, None, "another region's answer is not this one's");
    let clock = server.aws.clock(&region("us-west-2")).await.expect("an answer");
    assert_eq!(clock.map(|clock| clock.to_string()).as_deref(), Some("2026-01-01T00:00:00Z"));
    let asked = server.asked();
    let (head, form) = asked[0].split_once("\r\n\r\n").expect("a request");
    assert!(
        form.starts_with("Action=DescribeRegions&Version=2016%2D11%2D15&AllRegions=true&"),
        "{form}"
    );
    assert!(form.ends_with("Filter%2E1%2EValue%2E1=af%2Dsouth%2D1"), "{form}");
    assert!(head.contains("AWS4-HMAC-SHA256 Credential=test/"), "{head}");
    assert!(head.contains("/us-east-1/ec2/aws4_request"), "{head}");
    assert!(asked[2].contains("/us-west-2/ec2/aws4_request"), "{}", asked[2]);
}

#[tokio::test]
async fn a_quota_is_asked_for_in_json() {
    let server =
        Server::answering("200 OK", r#"{"Quota":{"QuotaCode":"L-1216C47A","Value":32.0}}"#).await;
    let quota = server.aws.quota(&region("us-west-2"), Quota::OnDemandVcpus).await;
    assert!((quota.expect("an answer") - 32.0).abs() < f64::EPSILON);
    let asked = server.asked().remove(0).to_lowercase();
    assert!(asked.contains("x-amz-target: servicequotasv20190624.getservicequota"), "{asked}");
    assert!(asked.contains("/us-west-2/servicequotas/aws4_request"), "{asked}");
    assert!(asked.ends_with(r#"{"quotacode":"l-1216c47a","servicecode":"ec2"}"#), "{asked}");
}

#[tokio::test]
async fn a_certificate_is_read_and_an_absent_one_is_none() {
    let arn = "arn:aws:acm:us-west-2:111122223333:certificate/1";
    let arn = CertificateArn::parse(arn).expect("an ARN");
    let body = r#"{"Certificate":{"DomainName":"example.com","SubjectAlternativeNames":["example.com","*.example.com"],
                   "Status":"ISSUED","NotAfter":1.7672256E9}}"#;
    let server = Server::answering("200 OK", body).await;
    let found = server.aws.certificate(&arn).await.expect("an answer").expect("it is there");
    assert!(found.covers("shop.example.com") && found.covers("example.com"));
    assert_eq!(found.until.map(Timestamp::as_second), Some(1_767_225_600));
    assert_eq!(found.issuer, Issuer::Amazon);
    for (kind, issuer) in [("IMPORTED", Issuer::Imported), ("PRIVATE", Issuer::Private)] {
        let body = format!(r#"{{"Certificate":{{"Status":"ISSUED","Type":"{kind}"}}}}"#);
        let server = Server::answering("200 OK", &body).await;
        let found = server.aws.certificate(&arn).await.expect("an answer").expect("it is there");
        assert_eq!(found.issuer, issuer);
    }
    let body = r#"{"__type":"ResourceNotFoundException","message":"no"}"#;
    let server = Server::answering("400 Bad Request", body).await;
    assert_eq!(server.aws.certificate(&arn).await, Ok(None));
}

#[tokio::test]
async fn images_types_and_zones_are_read() {
    let place = region("us-west-2");
    let body = "<DescribeImagesResponse><imagesSet><item><imageId>ami-1</imageId><imageState>available</imageState>\
                <architecture>arm64</architecture></item></imagesSet></DescribeImagesResponse>";
    let server = Server::answering("200 OK", body).await;
    let image = server.aws.image(&place, "ami-1").await.expect("an answer").expect("it is there");
    assert_eq!((image.state.as_str(), image.architecture.as_str()), ("available", "arm64"));
    assert_eq!(server.aws.image(&place, "ami-2").await, Ok(None));

    let body = "<DescribeInstanceTypesResponse><instanceTypeSet><item><instanceType>t4g.micro</instanceType>\
                <processorInfo>\n<supportedArchitectures>\n<item>arm64</item>\n</supportedArchitectures></processorInfo>\
                <vCpuInfo><defaultVCpus>2</defaultVCpus></vCpuInfo></item></instanceTypeSet></DescribeInstanceTypesResponse>";
    let server = Server::answering("200 OK", body).await;
    let found = server.aws.instance_type(&place, "t4g.micro").await.expect("an answer");
    let found = found.expect("it is there");
    assert_eq!((found.vcpus, found.architectures), (2, vec!["arm64".to_owned()]));

    let body = "<Response><Errors><Error><Code>InvalidInstanceType</Code><Message>no</Message></Error></Errors></Response>";
    let server = Server::answering("400 Bad Request", body).await;
    assert_eq!(server.aws.instance_type(&place, "t9.micro").await, Ok(None));

    let body = "<DescribeInstanceTypeOfferingsResponse><instanceTypeOfferingSet>\
                <item><instanceType>t4g.micro</instanceType><location>us-west-2a</location></item>\
                <item><instanceType>t4g.micro</instanceType><location>us-west-2b</location></item>\
                </instanceTypeOfferingSet></DescribeInstanceTypeOfferingsResponse>";
    let server = Server::answering("200 OK", body).await;
    let zones = server.aws.zones_with(&place, "t4g.micro").await.expect("an answer");
    assert_eq!(zones, ["us-west-2a", "us-west-2b"]);
}

#[tokio::test]
async fn what_there_is_is_counted() {
    let body = "<DescribeVpcsResponse><vpcSet>\n<item><vpcId>vpc-1</vpcId><tagSet><item/></tagSet></item>\n\
                <item><vpcId>vpc-2</vpcId></item></vpcSet></DescribeVpcsResponse>";
    let server = Server::answering("200 OK", body).await;
    assert_eq!(server.aws.count(&region("us-west-2"), Counted::Vpcs).await, Ok(2));
}

#[tokio::test]
async fn subscriptions_are_read_with_who_has_not_confirmed() {
    let topic = "arn:aws:sns:us-east-1:111122223333:shop-failover";
    let body = "<ListSubscriptionsByTopicResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
                <ListSubscriptionsByTopicResult><Subscriptions><member><Protocol>email</Protocol>\
                <Endpoint>ops@example.com</Endpoint><SubscriptionArn>PendingConfirmation</SubscriptionArn></member>\
                </Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>";
    let server = Server::answering("200 OK", body).await;
    let found = server.aws.subscriptions(&region("us-east-1"), topic).await;
    let found = found.expect("an answer").expect("it is there");
    assert_eq!(found.len(), 1);
    assert!(found[0].pending && found[0].endpoint == "ops@example.com");
    let form = server.asked().remove(0);
    assert!(
        form.ends_with("TopicArn=arn%3Aaws%3Asns%3Aus%2Deast%2D1%3A111122223333%3Ashop%2Dfailover"),
        "{form}"
    );
}

/// Goal: a failure that may pass is tried again, and one that stays is told. Method: a server that is always busy, and one that
/// denies.
#[tokio::test]
async fn what_may_pass_is_tried_again_and_what_stays_is_told_at_once() {
    let place = region("us-west-2");
    let busy = Server::answering("503 Service Unavailable", "busy").await;
    let error = busy.aws.count(&place, Counted::Vpcs).await.expect_err("it is busy");
    assert_eq!(error.service_code(), Some("HTTP 503"));
    assert_eq!(busy.asked().len(), 3);
    let body = r#"{"__type":"AccessDeniedException","Message":"not for you"}"#;
    let denying = Server::answering("400 Bad Request", body).await;
    let error = denying.aws.parameter(&place, "/x").await.expect_err("it is denied");
    let words = "AWS denies `GetParameter` in us-west-2: not for you";
    assert!(matches!(error, CloudError::Denied { .. }) && error.to_string() == words, "{error}");
    assert_eq!(denying.asked().len(), 1);
}

#[tokio::test]
async fn zones_and_subscriptions_of_later_pages_count_too() {
    let place = region("us-west-2");
    let page = |zone: &str, token: &str| {
        let body = format!(
            "<DescribeInstanceTypeOfferingsResponse><instanceTypeOfferingSet><item><instanceType>t4g.micro</instanceType>\
             <location>{zone}</location></item></instanceTypeOfferingSet>{token}</DescribeInstanceTypeOfferingsResponse>"
        );
        Some(("200 OK", body))
    };
    let next = "<nextToken>second</nextToken>";
    let server = Server::scripted(vec![page("us-west-2a", next), page("us-west-2b", "")]).await;
    let zones = server.aws.zones_with(&place, "t4g.micro").await.expect("an answer");
    assert_eq!(zones, ["us-west-2a", "us-west-2b"]);
    assert!(server.asked()[1].ends_with("&NextToken=second"), "{}", server.asked()[1]);
    let server = Server::scripted(vec![page("us-west-2a", next)]).await;
    let error = server.aws.zones_with(&place, "t4g.micro").await.expect_err("it never ends");
    assert!(matches!(error, CloudError::Cut { .. }), "{error}");

    let body = "<R><Subscriptions/><NextToken>again</NextToken></R>".to_owned();
    let server = Server::scripted(vec![Some(("200 OK", body))]).await;
    let found = server.aws.subscriptions(&place, "arn:aws:sns:us-west-2:1:shop").await;
    assert!(matches!(found, Err(CloudError::Cut { .. })), "{found:?}");
}

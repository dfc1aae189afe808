//! What AWS answers about launches, read over a real socket. The answers are those of AWS's API references.

use cloud::{Capacity as _, CloudError, LaunchView, Launches as _, Premises as _};

use sample::region;
use sample::server::Server;

#[tokio::test]
async fn the_version_of_a_launch_template_is_read() {
    let place = region("us-east-2");
    let body = "<DescribeLaunchTemplateVersionsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\n\
                <launchTemplateVersionSet>\n<item>\n<launchTemplateId>lt-1</launchTemplateId><versionNumber>3</versionNumber>\
                <launchTemplateData><imageId>ami-1</imageId><instanceType>t4g.micro</instanceType><blockDeviceMappingSet>\
                <item><deviceName>/dev/xvda</deviceName><ebs><encrypted>true</encrypted></ebs></item>\
                <item><deviceName>/dev/xvdb</deviceName><ebs><kmsKeyId>alias/disks</kmsKeyId></ebs></item>\
                <item><deviceName>/dev/xvdc</deviceName><noDevice/></item>\
                </blockDeviceMappingSet></launchTemplateData></item></launchTemplateVersionSet>\
                </DescribeLaunchTemplateVersionsResponse>";
    let server = Server::answering("200 OK", body).await;
    let found = server.aws.launch_template(&place, "lt-1", "3").await.expect("an answer");
    let found = found.expect("it is there");
    assert_eq!(found.image.as_deref(), Some("ami-1"));
    assert_eq!(found.instance_type.as_deref(), Some("t4g.micro"));
    assert_eq!(found.keys, ["alias/disks"]);
    let asked = server.asked().remove(0);
    let form = "&LaunchTemplateId=lt%2D1&LaunchTemplateVersion%2E1=3";
    assert!(asked.ends_with(form) && asked.contains("/us-east-2/ec2/aws4_request"), "{asked}");
    // Of a version that is not there AWS answers an empty set.
    let empty = "<R><launchTemplateVersionSet/></R>";
    let server = Server::answering("200 OK", empty).await;
    assert_eq!(server.aws.launch_template(&place, "lt-1", "9").await, Ok(None));
    for code in ["InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateId.VersionNotFound"] {
        let body = format!("<R><Errors><Error><Code>{code}</Code></Error></Errors></R>");
        let server = Server::answering("400 Bad Request", &body).await;
        assert_eq!(server.aws.launch_template(&place, "lt-1", "9").await, Ok(None), "{code}");
    }
}

#[tokio::test]
async fn subnets_are_asked_for_by_a_filter_and_those_that_are_there_are_read() {
    let body = "<DescribeSubnetsResponse><subnetSet><item><subnetId>subnet-a</subnetId><vpcId>vpc-1</vpcId>\
                <availableIpAddressCount>251</availableIpAddressCount><availabilityZone>us-east-2a</availabilityZone></item>\
                <item><subnetId>subnet-other</subnetId><availableIpAddressCount>9</availableIpAddressCount>\
                <availabilityZone>us-east-2c</availabilityZone></item></subnetSet></DescribeSubnetsResponse>";
    let server = Server::answering("200 OK", body).await;
    let ids = ["subnet-a", "subnet-b"].map(ToOwned::to_owned);
    let found = server.aws.subnets(&region("us-east-2"), &ids).await.expect("an answer");
    let [subnet] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(
        (subnet.id.as_str(), subnet.zone.as_str(), subnet.free),
        ("subnet-a", "us-east-2a", 251)
    );
    let asked = server.asked().remove(0);
    let form = "&Filter%2E1%2EName=subnet%2Did&Filter%2E1%2EValue%2E1=subnet%2Da&Filter%2E1%2EValue%2E2=subnet%2Db";
    assert!(asked.ends_with(form), "{asked}");
}

#[tokio::test]
async fn the_default_key_and_the_keys_of_snapshots_are_read() {
    let place = region("us-east-2");
    let body = "<GetEbsDefaultKmsKeyIdResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\n\
                <requestId>1</requestId>\n<kmsKeyId>alias/aws/ebs</kmsKeyId>\n</GetEbsDefaultKmsKeyIdResponse>";
    let server = Server::answering("200 OK", body).await;
    assert_eq!(server.aws.ebs_default_key(&place).await, Ok("alias/aws/ebs".to_owned()));
    let server = Server::answering("200 OK", "<R/>").await;
    let error = server.aws.ebs_default_key(&place).await.expect_err("nothing is told");
    assert!(matches!(error, CloudError::Answer { .. }), "{error}");
    let arn = "arn:aws:kms:us-east-2:111122223333:key/1";
    let body = format!(
        "<R><snapshotSet><item><snapshotId>snap-1</snapshotId><kmsKeyId>{arn}</kmsKeyId></item></snapshotSet></R>"
    );
    let server = Server::answering("200 OK", &body).await;
    let ids = ["snap-1".to_owned()];
    assert_eq!(server.aws.snapshot_keys(&place, &ids).await, Ok(vec![arn.to_owned()]));
    assert!(server.asked()[0].ends_with("&SnapshotId%2E1=snap%2D1"), "{}", server.asked()[0]);
    let body = "<R><Errors><Error><Code>InvalidSnapshot.NotFound</Code></Error></Errors></R>";
    let server = Server::answering("400 Bad Request", body).await;
    assert_eq!(server.aws.snapshot_keys(&place, &ids).await, Ok(Vec::new()));
}

#[tokio::test]
async fn an_image_tells_its_encrypted_snapshots() {
    let body = "<R><imagesSet><item><imageId>ami-1</imageId><imageState>available</imageState><architecture>arm64</architecture>\
                <blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><snapshotId>snap-1</snapshotId>\
                <encrypted>true</encrypted></ebs></item><item><ebs><snapshotId>snap-2</snapshotId><encrypted>false</encrypted>\
                </ebs></item></blockDeviceMapping></item></imagesSet></R>";
    let server = Server::answering("200 OK", body).await;
    let image = server.aws.image(&region("us-east-2"), "ami-1").await.expect("an answer");
    assert_eq!(image.expect("it is there").encrypted_snapshots, ["snap-1"]);
}

#[tokio::test]
async fn a_key_with_its_policy_and_grants_is_read() {
    let place = region("us-east-2");
    let arn = "arn:aws:kms:us-east-2:111122223333:key/1";
    let body = format!(
        r#"{{"KeyMetadata":{{"Arn":"{arn}","KeyManager":"CUSTOMER","KeyState":"Disabled","Enabled":false}}}}"#
    );
    let server = Server::answering("200 OK", &body).await;
    let key = server.aws.key(&place, "alias/disks").await.expect("an answer").expect("it is there");
    assert_eq!(
        (key.arn.as_str(), key.is_aws_managed, key.state.as_str()),
        (arn, false, "Disabled")
    );
    let asked = server.asked().remove(0).to_lowercase();
    assert!(asked.contains("x-amz-target: trentservice.describekey"), "{asked}");
    assert!(asked.contains("/us-east-2/kms/aws4_request"), "{asked}");
    let body = r#"{"__type":"NotFoundException","message":"no"}"#;
    let server = Server::answering("400 Bad Request", body).await;
    assert_eq!(server.aws.key(&place, arn).await, Ok(None));
    let server = Server::answering("200 OK", r#"{"Policy":"{\"Statement\":[]}"}"#).await;
    assert_eq!(server.aws.key_policy(&place, arn).await, Ok(r#"{"Statement":[]}"#.to_owned()));
    assert!(server.asked()[0].ends_with(r#""PolicyName":"default"}"#), "{}", server.asked()[0]);
    let page = |operation: &str, more: &str| {
        Some(("200 OK", format!(r#"{{"Grants":[{{"Operations":["{operation}"]}}]{more}}}"#)))
    };
    let more = r#","Truncated":true,"NextMarker":"second""#;
    let server = Server::scripted(vec![page("Decrypt", more), page("CreateGrant", "")]).await;
    let role = "arn:aws:iam::111122223333:role/x";
    let allowed = server.aws.key_grants(&place, arn, role).await.expect("an answer");
    assert_eq!(allowed, ["Decrypt", "CreateGrant"]);
    assert!(server.asked()[1].contains(r#""Marker":"second""#), "{}", server.asked()[1]);
    assert!(
        server.asked()[0].contains(r#""GranteePrincipal":"arn:aws:iam"#),
        "{}",
        server.asked()[0]
    );
}

#[tokio::test]
async fn exceptions_from_the_block_are_asked_for_where_there_is_one() {
    let place = region("us-east-2");
    let mode = |mode: &str| {
        let body = format!(
            "<R><vpcBlockPublicAccessOptions><internetGatewayBlockMode>{mode}</internetGatewayBlockMode>\
             </vpcBlockPublicAccessOptions></R>"
        );
        Some(("200 OK", body))
    };
    let server = Server::scripted(vec![mode("off")]).await;
    assert!(!server.aws.public_access(&place).await.expect("an answer").blocks());
    assert_eq!(server.asked().len(), 1);
    let exception = |vpc: &str, mode: &str, state: &str| {
        format!(
            "<item><resourceArn>arn:aws:ec2:us-east-2:111122223333:vpc/{vpc}</resourceArn><state>{state}</state>\
             <internetGatewayExclusionMode>{mode}</internetGatewayExclusionMode></item>"
        )
    };
    let all = [
        exception("vpc-1", "allow-bidirectional", "create-complete"),
        exception("vpc-2", "allow-egress", "create-complete"),
        exception("vpc-3", "allow-bidirectional", "delete-in-progress"),
    ];
    let all = all.concat();
    let set = "vpcBlockPublicAccessExclusionSet";
    let exceptions = Some(("200 OK", format!("<R><{set}>{all}</{set}></R>")));
    let server = Server::scripted(vec![mode("block-ingress"), exceptions]).await;
    let access = server.aws.public_access(&place).await.expect("an answer");
    assert!(access.blocks() && access.excludes("vpc-1"), "{access:?}");
    assert!(!access.excludes("vpc-2") && !access.excludes("vpc-3"), "{access:?}");
}

#[tokio::test]
async fn a_group_tells_what_it_launches_and_where() {
    let group = |how: &str| {
        format!(
            "<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups><member><AutoScalingGroupName>web</AutoScalingGroupName>\
             <MinSize>0</MinSize><MaxSize>8</MaxSize><DesiredCapacity>0</DesiredCapacity>\
             <VPCZoneIdentifier>subnet-a,subnet-b</VPCZoneIdentifier><ServiceLinkedRoleARN>arn:aws:iam::1:role/x\
             </ServiceLinkedRoleARN>{how}</member></AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>"
        )
    };
    let read = async |how: &str| {
        let server = Server::answering("200 OK", &group(how)).await;
        let found = server.aws.group(&region("us-east-2"), "web").await.expect("an answer");
        found.expect("it is there").launch
    };
    let template = "<LaunchTemplateId>lt-1</LaunchTemplateId><Version>3</Version>";
    let launch = LaunchView {
        template: "lt-1".to_owned(),
        version: "3".to_owned(),
        types: Vec::new(),
        on_demand_percent: 100,
        subnets: ["subnet-a", "subnet-b"].map(ToOwned::to_owned).into(),
        role: Some("arn:aws:iam::1:role/x".to_owned()),
    };
    let own = format!("<LaunchTemplate>{template}</LaunchTemplate>");
    assert_eq!(read(&own).await, Some(launch.clone()));
    let mixed = format!(
        "<MixedInstancesPolicy><LaunchTemplate><LaunchTemplateSpecification>{template}</LaunchTemplateSpecification><Overrides>\
         <member><InstanceType>t4g.micro</InstanceType></member><member><InstanceType>t4g.small</InstanceType></member>\
         </Overrides></LaunchTemplate><InstancesDistribution><OnDemandPercentageAboveBaseCapacity>50\
         </OnDemandPercentageAboveBaseCapacity></InstancesDistribution></MixedInstancesPolicy>"
    );
    let types = ["t4g.micro", "t4g.small"].map(ToOwned::to_owned).into();
    assert_eq!(read(&mixed).await, Some(LaunchView { types, on_demand_percent: 50, ..launch }));
    assert_eq!(read("<LaunchConfigurationName>old</LaunchConfigurationName>").await, None);
}

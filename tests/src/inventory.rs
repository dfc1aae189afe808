//! What stands in the emulator, read past the tool: as much as tells whether two deploys have the same result.

use std::collections::{BTreeMap, BTreeSet};

use drill_local::stage::Stage;
use site::model::Stack;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Calls that list, with the element that stands once for each thing.
const LISTS: [(&str, &str, &str, &str); 10] = [
    ("ec2", "DescribeVpcs", "2016-11-15", "cidrBlock"),
    ("ec2", "DescribeSubnets", "2016-11-15", "subnetId"),
    ("ec2", "DescribeSecurityGroups", "2016-11-15", "groupDescription"),
    ("ec2", "DescribeLaunchTemplates", "2016-11-15", "launchTemplateName"),
    ("elasticloadbalancing", "DescribeLoadBalancers", "2015-12-01", "LoadBalancerName"),
    ("elasticloadbalancing", "DescribeTargetGroups", "2015-12-01", "TargetGroupName"),
    ("autoscaling", "DescribeAutoScalingGroups", "2011-01-01", "AutoScalingGroupName"),
    ("iam", "ListRoles", "2010-05-08", "RoleName"),
    ("sns", "ListTopics", "2010-03-31", "TopicArn"),
    ("monitoring", "DescribeAlarms", "2010-08-01", "AlarmName"),
];
/// How names begin that AWS makes up anew each time.
const MADE_UP: [&str; 2] = ["subnet-", "TargetTracking-"];
const CLOUDFORMATION: &str = "2010-05-15";

/// Things by what they are. Names that AWS makes up are left out, their number is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inventory(BTreeMap<String, Vec<String>>);

impl Inventory {
    /// Reads what stands.
    pub async fn read(stage: &Stage) -> Self {
        let endpoint = stage.endpoint();
        let regions = stage.site.stacks.iter().map(|stack| stack.region.to_string());
        let regions: BTreeSet<_> = regions.collect();
        let mut found = BTreeMap::new();
        for region in regions {
            for (service, action, version, element) in LISTS {
                let answer = ask(&endpoint, &region, service, action, version, "").await;
                found.insert(format!("{region} {action}"), counted(&texts(&answer, element)));
            }
            let answer =
                ask(&endpoint, &region, "cloudformation", "DescribeStacks", CLOUDFORMATION, "");
            let answer = answer.await;
            let (names, states) = (texts(&answer, "StackName"), texts(&answer, "StackStatus"));
            let mut stacks: Vec<_> = names
                .iter()
                .zip(states)
                .map(|(name, state)| format!("{name} {}", standing(&state)))
                .collect();
            stacks.sort();
            found.insert(format!("{region} stacks"), stacks);
        }
        for stack in &stage.site.stacks {
            let resources = stage.cloud.stack_resources(&stack.region, stack.name.as_str()).await;
            let resources = resources.expect("the emulator answers").into_iter();
            let mut resources: Vec<_> =
                resources.map(|one| format!("{} {}", one.logical_id, one.resource_type)).collect();
            resources.sort();
            found.insert(format!("{} resources", stack.id), resources);
        }
        Self(found)
    }
}

/// Change sets of a stack that nobody executed.
pub async fn change_sets_left(stage: &Stage, stack: &Stack) -> Vec<String> {
    let form = format!("&StackName={}", stack.name);
    let (endpoint, region) = (stage.endpoint(), stack.region.as_str());
    let answer =
        ask(&endpoint, region, "cloudformation", "ListChangeSets", CLOUDFORMATION, &form).await;
    let names = texts(&answer, "ChangeSetName");
    let states = texts(&answer, "ExecutionStatus");
    assert_eq!(names.len(), states.len(), "{answer}");
    let left = names.into_iter().zip(states).filter(|(_, state)| state != "EXECUTE_COMPLETE");
    left.map(|(name, state)| format!("{} {name} {state}", stack.id)).collect()
}

/// A call of AWS's query protocol. The emulator reads the region and the service from the signature and does not check it.
pub async fn ask(
    endpoint: &str,
    region: &str,
    service: &str,
    action: &str,
    version: &str,
    form: &str,
) -> String {
    let address = endpoint.trim_start_matches("http://");
    let body = format!("Action={action}&Version={version}{form}");
    let request = format!(
        "POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=test/20260101/{region}/{service}/aws4_request, \
         SignedHeaders=host, Signature=0\r\n\r\n{body}",
        body.len()
    );
    let mut connection = TcpStream::connect(address).await.expect("the emulator listens");
    connection.write_all(request.as_bytes()).await.expect("the emulator reads");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.expect("the emulator answers");
    assert!(answer.starts_with("HTTP/1.1 200"), "{service} {action}: {answer}");
    answer
}

/// A stack that was changed stands as well as one that was created.
fn standing(state: &str) -> &str {
    if matches!(state, "CREATE_COMPLETE" | "UPDATE_COMPLETE") { "COMPLETE" } else { state }
}

/// What stands in each element of this name.
fn texts(answer: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let parts = answer.split(&open).skip(1);
    parts.filter_map(|part| Some(part.split_once(&close)?.0.to_owned())).collect()
}

/// Names in order; those that AWS makes up are told by their number.
fn counted(names: &[String]) -> Vec<String> {
    let made_up = |name: &&String| MADE_UP.iter().any(|start| name.starts_with(start));
    let number = names.iter().filter(made_up).count();
    let mut told: Vec<_> = names.iter().filter(|name| !made_up(name)).cloned().collect();
    told.sort();
    told.push(format!("and {number} with made-up names"));
    told
}

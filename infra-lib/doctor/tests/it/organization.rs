//! What an account's owner demands reaches every stack and every role, and a change of it is a change like any other.

use std::collections::BTreeMap;

use cfn::{Template, View};
use cloud::{
    ChangeSetId, ChangeSetKind, ChangeSetRequest, Premises as _, Stacks as _, Subscription,
};
use provision::apply::{DeployError, Outcome};
use provision::plan::{Action, Change};
use site::config::Config;
use site::model::{Site, Source, StackId};
use site::names::{ParameterName, StackName};

use sample::Fake;
use sample::server::Server;
use sample::standby::{STANDBY, raised};
use sample::{deploy, permit, planned, region, request, site, site_with, stack_now};

use super::doctor::world::{World, check};

const BOUNDARY: &str = "arn:aws:iam::111122223333:policy/team-boundary";
const ROLE: &str = "arn:aws:iam::111122223333:role/cloudformation";

/// A site with every option that makes roles, in an account with demands.
fn demanding() -> Site {
    site_with(&format!(
        "[network]\nnat = \"one\"\n[web]\nsession_manager = \"on\"\nwarm_pool = 2\n[organization]\npermissions_boundary = \"{BOUNDARY}\"\nrole_path = \"/web-team/\"\n"
    ))
}

fn tagged(tags: &str) -> Site {
    site_with(&format!("[organization]\ntags = {tags}\n"))
}

/// Goal: no role is made that the organization forbids. Method: every role of every stack, evaluated as it is given.
#[test]
fn every_role_has_the_boundary_and_the_path() {
    let (site, mut roles) = (demanding(), 0);
    for stack in &site.stacks {
        let template = Template::parse(&stack.template.body).expect("a template");
        let view = View::new(&template, &stack.facts(&template));
        for role in view.of_kind("AWS::IAM::Role") {
            roles += 1;
            let name = &role.name;
            assert_eq!(role.text("PermissionsBoundary"), Some(BOUNDARY), "{}: {name}", stack.id);
            assert_eq!(role.text("Path"), Some("/web-team/"), "{}: {name}", stack.id);
        }
    }
    assert!(roles >= 4, "{roles} roles");
    for stack in &site_with("").stacks {
        let template = Template::parse(&stack.template.body).expect("a template");
        let view = View::new(&template, &stack.facts(&template));
        for role in view.of_kind("AWS::IAM::Role") {
            assert!(
                role.property("PermissionsBoundary").is_none() && role.property("Path").is_none()
            );
        }
    }
}

/// Goal: tags are on every stack, and a change of one is shown and made. Method: three deploys: with tags, with others, and
/// without the key, which leaves them alone.
#[tokio::test]
async fn tags_are_on_every_stack_and_a_change_of_them_shows_in_the_plan() {
    let cloud = Fake::new();
    let first = tagged("{ owner = \"web-team\", \"cost-centre\" = \"4711\" }");
    deploy(&cloud, &request(&first)).await.0.expect("it deploys");
    for stack in &first.stacks {
        let view = cloud.stack(&stack.region, stack.name.as_str()).expect("it stands");
        assert_eq!(Some(&view.tags), stack.tags.as_ref(), "{}", stack.id);
    }
    assert!(planned(&cloud, &first).await.is_empty());

    let second = tagged("{ owner = \"shop-team\" }");
    let plan = planned(&cloud, &second).await;
    for entry in &plan.stacks {
        let Action::Update { changes } = &entry.action else { panic!("{:?}", entry.action) };
        assert!(changes.iter().all(|change| matches!(change, Change::Tag { .. })), "{changes:?}");
    }
    let told = plan.to_string();
    assert!(told.contains("tag owner: web-team -> shop-team"), "{told}");
    assert!(told.contains("tag cost-centre is removed"), "{told}");
    let deployed = deploy(&cloud, &request(&second)).await.0.expect("it deploys");
    assert!(deployed.stacks.values().all(|outcome| *outcome == Outcome::Updated));
    assert!(planned(&cloud, &site()).await.is_empty(), "without the key they are left alone");
    let none = deploy(&cloud, &request(&tagged("{}"))).await.0.expect("it deploys");
    assert!(none.stacks.values().all(|outcome| *outcome == Outcome::Updated));
    let view = cloud.stack(&region("us-east-2"), "shop-web").expect("it stands");
    assert!(view.tags.is_empty());
}

#[tokio::test]
async fn a_change_of_tags_waits_while_the_standby_is_raised() {
    let cloud = Fake::new();
    deploy(&cloud, &request(&tagged("{ owner = \"web-team\" }"))).await.0.expect("it deploys");
    cloud.set_group(&region("us-east-2"), STANDBY, raised());
    let (result, _) = deploy(&cloud, &request(&tagged("{ owner = \"shop-team\" }"))).await;
    assert!(matches!(result, Err(DeployError::Refused(_))), "{result:?}");
    let view = cloud.stack(&region("us-east-2"), "shop-web").expect("it stands");
    assert_eq!(view.tags["owner"], "web-team");
}

fn form(operation: &str) -> String {
    format!("<{operation}Response><{operation}Result/></{operation}Response>")
}

fn field(request: &str, name: &str) -> Option<String> {
    let form = request.split("\r\n\r\n").nth(1)?;
    form.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
}

/// Goal: AWS gets tags and role as CloudFormation names them. Method: the requests, as they are sent.
#[tokio::test]
async fn tags_and_role_are_sent_with_the_change_set() {
    let answer = "<CreateChangeSetResponse><CreateChangeSetResult><Id>arn:1</Id></CreateChangeSetResult></CreateChangeSetResponse>";
    let asked = async |tags: Option<BTreeMap<String, String>>, role: Option<String>| {
        let server = Server::answering("200 OK", answer).await;
        let request = ChangeSetRequest {
            stack: StackName::new("shop-web"),
            name: "pilotlight-1".to_owned(),
            kind: ChangeSetKind::Update,
            template: "Resources: {}".to_owned(),
            parameters: BTreeMap::new(),
            tags,
            role,
        };
        let made = server.aws.create_change_set(&permit(), &region("us-east-2"), &request).await;
        assert_eq!(made, Ok(ChangeSetId("arn:1".to_owned())));
        server.asked().remove(0)
    };
    let tags = BTreeMap::from([("owner".to_owned(), "web-team".to_owned())]);
    let sent = asked(Some(tags), Some(ROLE.to_owned())).await;
    assert_eq!(field(&sent, "Tags.member.1.Key").as_deref(), Some("owner"));
    assert_eq!(field(&sent, "Tags.member.1.Value").as_deref(), Some("web-team"));
    assert!(field(&sent, "RoleARN").is_some_and(|role| role.ends_with("role%2Fcloudformation")));
    let sent = asked(None, None).await;
    assert!(!sent.contains("Tags") && !sent.contains("RoleARN"), "{sent}");
    let sent = asked(Some(BTreeMap::new()), None).await;
    assert!(sent.contains("Tags="), "an empty list takes them away: {sent}");
}

/// Goal: CloudFormation works by the role that the owner named, also where it deletes and rolls back.
#[tokio::test]
async fn the_deploy_role_goes_with_every_operation() {
    let site = site_with(&format!("[organization]\ndeploy_role = \"{ROLE}\"\n"));
    assert!(site.stacks.iter().all(|stack| stack.deploy_role.as_deref() == Some(ROLE)));
    let live = Fake::new();
    live.leave_stack(&region("us-east-2"), "shop-network", "UPDATE_FAILED");
    for operation in ["DeleteStack", "ContinueUpdateRollback", "RollbackStack"] {
        let consent = sample::consent();
        let now = consent.stack(&live, &site, &region("us-east-2"), "shop-network").await;
        let now = now.expect("it is read");
        let server = Server::answering("200 OK", &form(operation)).await;
        let done = match operation {
            "DeleteStack" => server.aws.delete_stack(now).await,
            "RollbackStack" => server.aws.rollback_stack(now).await,
            _ => server.aws.continue_rollback(now, &[]).await,
        };
        assert_eq!(done, Ok(()), "{operation}");
        assert!(field(&server.asked()[0], "RoleARN").is_some(), "{operation}");
    }
    let without = stack_now("us-east-2", "shop-network").await;
    let server = Server::answering("200 OK", &form("DeleteStack")).await;
    assert_eq!(server.aws.delete_stack(without).await, Ok(()));
    assert_eq!(field(&server.asked()[0], "RoleARN"), None);
}

#[expect(clippy::panic, reason = "it fails its test")]
fn problem(root: &str, tables: &str) -> String {
    let text = site::config::MINIMAL.replacen("[regions]", &format!("{root}\n[regions]"), 1);
    let error =
        Config::from_toml(&format!("{text}\n{tables}"), "pilotlight.toml").expect_err("wrong");
    let site::config::ConfigError::Invalid { problems } = error else { panic!("{error}") };
    assert_eq!(problems.len(), 1, "{problems:?}");
    format!("{}: {}", problems[0].message, problems[0].expected)
}

#[test]
fn what_aws_would_refuse_is_told_in_the_site_file() {
    for (root, tables, part) in [
        ("", "[organization]\npermissions_boundary = \"team-boundary\"", "the ARN of a policy"),
        (
            "",
            "[organization]\ndeploy_role = \"arn:aws:iam::111122223333:user/me\"",
            "the ARN of a role",
        ),
        ("", "[organization]\nrole_path = \"web-team\"", "begins and ends with a slash"),
        ("", "[organization]\ntags = [\"owner\"]", "a table of texts"),
        ("", "[organization]\ntags = { owner = 7 }", "a text in quotes"),
        ("", "[organization]\ntags = { \"aws:owner\" = \"me\" }", "another key"),
        ("", "[organization]\ntags = { \"pilotlight:raised\" = \"v1\" }", "another key"),
        ("", "[organization]\ntags = { owner = \"a\\nb\" }", "letters, digits, spaces"),
        ("notice_webhooks = [\"http://hooks.example.com/\"]", "", "an HTTPS URL"),
        ("notice_topic = \"pager\"", "", "the ARN of a topic"),
        (
            "notice_topic = \"arn:aws:sns:us-west-2:111122223333:pager\"",
            "",
            "one topic in us-east-2, one in us-east-1",
        ),
        (
            "notice_topic = [\"arn:aws:sns:us-east-1:111122223333:a\", \"arn:aws:sns:us-east-1:111122223333:b\"]",
            "",
            "two topics are in us-east-1",
        ),
    ] {
        let told = problem(root, tables);
        assert!(told.contains(part), "{root} {tables}: {told}");
    }
}

/// Goal: chat and pagers that hang on a topic hear of a failover. Method: the topic of each region reaches the stack there, which
/// then makes none of its own and tells that one.
#[test]
fn a_topic_that_is_brought_is_told_in_place_of_the_sites_own() {
    let root = "notice_topic = [\"arn:aws:sns:us-east-2:111122223333:a\", \"arn:aws:sns:us-east-1:111122223333:b\"]\n\
                notice_email = \"ops@example.com\"\nnotice_webhooks = [\"https://hooks.example.com/x\"]";
    let text = site::config::MINIMAL.replacen("[regions]", &format!("{root}\n[regions]"), 1);
    let site = Site::new(Config::from_toml(&text, "pilotlight.toml").expect("valid"));
    for (id, own, arn) in [
        (StackId::Controller, "NoticeTopic", "arn:aws:sns:us-east-2:111122223333:a"),
        (StackId::Detector, "AlertsTopic", "arn:aws:sns:us-east-1:111122223333:b"),
    ] {
        let stack = site.stack(id);
        let given = stack.parameters.get(&ParameterName::new("NoticeTopicArn"));
        assert_eq!(given, Some(&Source::literal(arn)));
        let template = Template::parse(&stack.template.body).expect("a template");
        let view = View::new(&template, &stack.facts(&template));
        assert!(view.resource(own).is_none(), "{id} has no topic of its own");
        let mut told = 0;
        for alarm in view.of_kind("AWS::CloudWatch::Alarm") {
            let actions = alarm.property("AlarmActions").map(cfn::Node::items).unwrap_or_default();
            told += actions.iter().filter(|action| action.text() == Some(arn)).count();
        }
        assert!(told > 0, "{id}: no alarm tells it");
        let receivers = view.of_kind("AWS::SNS::Subscription");
        let receivers: Vec<_> = receivers
            .filter(|one| one.text("TopicArn") == Some(arn))
            .filter_map(|one| one.text("Protocol"))
            .collect();
        assert_eq!(receivers, ["email", "https"], "{id}");
    }
}

/// Goal: a demand that cannot be met is told before the first stack. Method: each, absent, wrong and in order.
#[tokio::test]
async fn doctor_looks_for_the_boundary_the_role_and_the_topics() {
    let topic = "arn:aws:sns:us-east-1:111122223333:pager";
    let mut world = World::fresh(&format!(
        "notice_topic = \"{topic}\"---[organization]\npermissions_boundary = \"{BOUNDARY}\"\ndeploy_role = \"{ROLE}\"\n"
    ));
    let told = format!(
        "error: there is no policy {BOUNDARY}; fix: correct `permissions_boundary` in [organization]: `aws iam list-policies \
         --scope Local` lists the account's own"
    );
    check(&world, "organization", &told).await;
    world.premises.policies.insert(BOUNDARY.to_owned());
    let told = format!(
        "error: there is no role {ROLE}; fix: correct `deploy_role` in [organization]: `aws iam list-roles` lists them"
    );
    check(&world, "organization", &told).await;
    world.premises.roles.insert(ROLE.to_owned(), "ec2.amazonaws.com".to_owned());
    let told = format!(
        "error: CloudFormation may not take the role {ROLE}; fix: its trust policy has to allow cloudformation.amazonaws.com to \
         call sts:AssumeRole"
    );
    check(&world, "organization", &told).await;
    world.premises.roles.insert(ROLE.to_owned(), "cloudformation.amazonaws.com".to_owned());
    let told = "ok: the permissions boundary exists, CloudFormation may take the deploy role";
    check(&world, "organization", told).await;

    let told = format!(
        "error: there is no topic {topic}; fix: correct `notice_topic`: `aws sns list-topics --region us-east-1` lists them"
    );
    check(&world, "notice-topics", &told).await;
    let chat = |pending| Subscription {
        protocol: "https".to_owned(),
        endpoint: "https://chat.example.com/".to_owned(),
        pending,
    };
    world.premises.subscriptions.insert(topic.to_owned(), vec![chat(true)]);
    let told = format!(
        "warning: {topic} has no confirmed subscription; fix: see who is asked with `aws sns list-subscriptions-by-topic --region \
         us-east-1 --topic-arn {topic}`"
    );
    check(&world, "notice-topics", &told).await;
    world.premises.subscriptions.insert(topic.to_owned(), vec![chat(false)]);
    check(&world, "notice-topics", "ok: your own: 1, with 1 confirmed receivers").await;
}

/// Goal: IAM is asked as it wants. Method: the requests, and answers in IAM's form.
#[tokio::test]
async fn iam_is_asked_for_the_role_by_its_name_and_the_policy_by_its_arn() {
    let role = format!(
        "<GetRoleResponse><GetRoleResult><Role><Arn>{ROLE}</Arn><AssumeRolePolicyDocument>%7B%22Service%22%3A%22\
         cloudformation.amazonaws.com%22%7D</AssumeRolePolicyDocument></Role></GetRoleResult></GetRoleResponse>"
    );
    let server = Server::answering("200 OK", &role).await;
    let trust = server.aws.role_trust(ROLE).await.expect("an answer").expect("it is there");
    assert!(trust.contains("cloudformation.amazonaws.com"));
    let asked = server.asked();
    assert_eq!(field(&asked[0], "RoleName").as_deref(), Some("cloudformation"));
    assert!(asked[0].contains("/us-east-1/iam/aws4_request"), "{}", asked[0]);
    let other = server.aws.role_trust("arn:aws:iam::111122223333:role/team/cloudformation").await;
    assert_eq!(other, Ok(None), "a role of another path is another one");

    let server = Server::answering("200 OK", "<GetPolicyResponse/>").await;
    assert_eq!(server.aws.policy_exists(BOUNDARY).await, Ok(true));
    let none = "<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>no</Message></Error></ErrorResponse>";
    let server = Server::answering("404 Not Found", none).await;
    assert_eq!(server.aws.policy_exists(BOUNDARY).await, Ok(false));
    assert_eq!(server.aws.role_trust(ROLE).await, Ok(None));
}

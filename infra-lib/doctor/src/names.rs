//! Whether the names that the site wants are free, and how its stacks are.

use cfn::{Template, View};

use cloud::{Kept, Phase, StackView, guard};
use site::model::{Stack, StackId};

use super::case::{Case, Place};
use super::verdict::{Answer, Stop, Verdict};

pub(super) fn stacks(case: &Case<'_>) -> Answer {
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    let (mut unread, mut standing) = (None, 0);
    for stack in &case.site.stacks {
        let verdict = match case.view(stack.id) {
            Ok(Some(view)) => judged(case, stack, view),
            Ok(None) => continue,
            Err(error) => {
                unread = unread.or(Some(error));
                continue;
            }
        };
        match verdict {
            Verdict::Error(trouble) => errors.push(trouble),
            Verdict::Warning(trouble) => warnings.push(trouble),
            Verdict::Ok(_) => standing += 1,
            Verdict::Skipped(_) => {}
        }
    }
    if let Some(trouble) = errors.into_iter().next() {
        return Ok(Verdict::Error(trouble));
    }
    let views = case.site.stacks.iter().filter_map(|stack| {
        let view = case.view(stack.id).ok().flatten()?;
        Some((stack.id, view.clone()))
    });
    if let Some(odd) = guard::oddities_of(case.site, views.collect()).into_iter().next() {
        return Ok(Verdict::error(
            odd,
            "use the site file that it was deployed with; `cargo xtask plan` says how to change it on purpose",
        ));
    }
    if let Some(trouble) = warnings.into_iter().next() {
        return Ok(Verdict::Warning(trouble));
    }
    // What cannot be read may stand or not: nothing good can be said of all.
    if let Some(error) = unread {
        return Err(Stop::Cloud(error));
    }
    let all = case.site.stacks.len();
    Ok(Verdict::ok(match standing {
        0 => "none exists yet, and every name is free".to_owned(),
        standing => format!("{standing} of {all} exist"),
    }))
}

fn judged(case: &Case<'_>, stack: &Stack, view: &StackView) -> Verdict {
    let site = case.site.config.name.as_str();
    let owner = view.parameters.get("SiteName").map(String::as_str);
    let (name, region) = (&stack.name, &stack.region);
    let called = format!("stack {name} in {region}");
    let phase = view.status.phase();
    if owner != Some(site) && !matches!(phase, Phase::Gone | Phase::Reviewing) {
        return Verdict::error(
            format!("{called} belongs to another site"),
            "choose another `name`, or delete that stack",
        );
    }
    let is = format!("{called} is in {}", view.status);
    match phase {
        Phase::Standing => Verdict::ok(""),
        Phase::Gone => Verdict::skipped(""),
        Phase::Moving => Verdict::warning(is, "an operation is running: wait until it ends"),
        Phase::Reviewing => Verdict::warning(
            format!("{is}: a first change set was created and never executed"),
            "`cargo xtask deploy` deletes it",
        ),
        Phase::RolledBack => Verdict::warning(
            format!("{is}: its creation failed, and it can only be deleted"),
            "`cargo xtask deploy` deletes it and creates it again",
        ),
        // Not CloudFormation's own command: it takes back an update of a standby that is raised, too.
        Phase::Stuck if view.status.is_halfway_back() => Verdict::error(
            format!("{is}: an update failed, and so did its rollback"),
            "`cargo xtask deploy` resumes the rollback, and says what to do if it fails again",
        ),
        Phase::Halted => {
            let id = stack.id;
            let what = if view.status.is_unborn() {
                "its creation failed, and what had worked was kept"
            } else {
                "an update failed, and what had worked was kept; it may serve as it is"
            };
            // Not CloudFormation's own command: it takes back an update of a standby that is raised, too.
            let fix = format!(
                "`cargo xtask deploy --rollback {id}` shows the plan, asks, rolls it back (`rollback-stack`) and continues"
            );
            Verdict::error(format!("{is}: {what}"), fix)
        }
        Phase::Stuck => Verdict::error(
            format!("{is}: CloudFormation stopped half-way"),
            "`cargo xtask deploy` says what to do, and changes nothing before",
        ),
        Phase::Undeleted => Verdict::error(
            format!("{is}: something in it could not be deleted"),
            format!(
                "`aws cloudformation describe-stack-events --stack-name {name} --region {region}` shows why"
            ),
        ),
    }
}

/// Names that templates fix. A generated name can never be taken.
pub(super) async fn taken(case: &Case<'_>, place: Place) -> Answer {
    let (site, region) = (&case.site.config.name, case.region(place));
    let mut taken = Vec::new();
    let web = match place {
        Place::Primary => Some((StackId::WebPrimary, format!("{site}-primary"))),
        Place::Standby => Some((StackId::WebStandby, format!("{site}-standby"))),
        Place::Here | Place::Detector => None,
    };
    if let Some((stack, name)) = web
        && case.stack(stack)?.is_none()
    {
        if case.reach.wiring.keep_alive(&region, &name).await?.is_some() {
            taken.push(format!("load balancer {name}"));
        }
        if case.reach.cloud.group(&region, &name).await?.is_some() {
            taken.push(format!("Auto Scaling group {name}"));
        }
    }
    let function = format!("{site}-controller");
    if place == Place::Standby
        && case.stack(StackId::Controller)?.is_none()
        && case.reach.wiring.invokers(&region, &function).await?.is_some()
    {
        taken.push(format!("function {function}"));
    }
    let alarm = case.site.alarm_name();
    if place == Place::Detector
        && case.stack(StackId::Detector)?.is_none()
        && case.reach.cloud.alarm(&region, &alarm).await?.is_some()
    {
        taken.push(format!("alarm {alarm}"));
    }
    for (kind, name) in lasting(case, place)? {
        let taken_too = match kind {
            Kept::Rule => case.reach.wiring.rule(&region, &name).await?.is_some(),
            Kept::Alarm => case.reach.cloud.alarm(&region, &name).await?.is_some(),
            Kept::LogGroup | Kept::Queue | Kept::Topic | Kept::Dashboard => {
                case.reach.wiring.exists(&region, kind, &name).await?
            }
        };
        let told = format!("{} {name}", kind.word());
        if taken_too && !taken.contains(&told) {
            taken.push(told);
        }
    }
    if taken.is_empty() {
        return Ok(Verdict::ok("none is used by anything else"));
    }
    Ok(Verdict::error(
        format!("exists already, and is not part of the site: {}", taken.join(", ")),
        "delete it, or choose another `name`",
    ))
}

/// Which property of a resource is a name that CloudFormation cannot give twice, so that a leftover of an earlier stack, or
/// anything else of the name, fails the next creation.
const NAMED: [(&str, &str, Kept); 6] = [
    ("AWS::Logs::LogGroup", "LogGroupName", Kept::LogGroup),
    ("AWS::SQS::Queue", "QueueName", Kept::Queue),
    ("AWS::SNS::Topic", "TopicName", Kept::Topic),
    ("AWS::CloudWatch::Dashboard", "DashboardName", Kept::Dashboard),
    ("AWS::CloudWatch::Alarm", "AlarmName", Kept::Alarm),
    ("AWS::Events::Rule", "Name", Kept::Rule),
];

/// The names that the stacks of a place will give, as their templates say, as far as those stacks do not exist yet.
fn lasting(case: &Case<'_>, place: Place) -> Result<Vec<(Kept, String)>, Stop> {
    let mut found = Vec::new();
    for stack in &case.site.stacks {
        if place_of(stack.id) != place || case.stack(stack.id)?.is_some() {
            continue;
        }
        let Ok(template) = Template::parse(&stack.template.body) else { continue };
        let view = View::new(&template, &stack.facts(&template));
        for (kind, property, kept) in NAMED {
            let names = view.of_kind(kind).filter_map(|resource| resource.text(property));
            found.extend(names.map(|name| (kept, name.to_owned())));
        }
    }
    Ok(found)
}

const fn place_of(stack: StackId) -> Place {
    match stack {
        StackId::NetworkPrimary | StackId::WebPrimary => Place::Primary,
        StackId::Detector | StackId::Edge => Place::Detector,
        StackId::Artifacts
        | StackId::NetworkStandby
        | StackId::WebStandby
        | StackId::Controller
        | StackId::Dashboard => Place::Standby,
    }
}

/// Stops a check that needs the site to be deployed.
pub(super) fn nothing(why: &str) -> Stop {
    Stop::Nothing(why.to_owned())
}

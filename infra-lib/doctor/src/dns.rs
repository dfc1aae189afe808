//! The hosted zone, who answers for it, and whose the name is.

use futures::future::join_all;

use site::model::StackId;

use super::case::Case;
use super::verdict::{Answer, Stop, Verdict};

pub(super) fn zone(case: &Case<'_>) -> Answer {
    let config = &case.site.config;
    let list =
        "`aws route53 list-hosted-zones` lists the account's zones; `hosted_zone_id` names one";
    let zone = match case.zone() {
        Err(Stop::Nothing(_)) => {
            let what = format!("the account has no zone {}", config.hosted_zone_id);
            return Ok(Verdict::error(what, list));
        }
        zone => zone?,
    };
    if zone.private {
        let what = format!("`{}` is a private zone: no user sees it", zone.name);
        return Ok(Verdict::error(what, "name the public zone: health checks need one as well"));
    }
    let names = names(case);
    Ok(match names.iter().find(|name| !zone.contains(name)) {
        Some(name) => Verdict::error(format!("`{name}` is not in the zone `{}`", zone.name), list),
        None => Verdict::ok(format!("`{}`, public", zone.name)),
    })
}

pub(super) async fn delegation(case: &Case<'_>) -> Answer {
    let zone = case.zone()?;
    public(case, zone.private)?;
    let found = case.reach.names.name_servers(&zone.name).await.map_err(Stop::Nothing)?;
    let [mut ours, mut theirs] = [&zone.name_servers, &found].map(|servers| lowered(servers));
    ours.sort();
    theirs.sort();
    let fix = format!(
        "at the registrar, or in the zone above, set the name servers of `{}` to {}",
        zone.name,
        ours.join(", ")
    );
    Ok(if theirs.is_empty() {
        Verdict::error(format!("public DNS knows no zone `{}`", zone.name), fix)
    } else if ours == theirs {
        Verdict::ok(format!("public DNS names {} name servers, all of this zone", ours.len()))
    } else if theirs.iter().any(|server| ours.contains(server)) {
        Verdict::warning(
            format!("public DNS names {}: not all of this zone", theirs.join(", ")),
            fix,
        )
    } else {
        Verdict::error(format!("public DNS names {}: another zone", theirs.join(", ")), fix)
    })
}

pub(super) async fn authority(case: &Case<'_>) -> Answer {
    let zone = case.zone()?;
    public(case, zone.private)?;
    let asked = zone
        .name_servers
        .iter()
        .map(async |server| (server, case.reach.names.answers_for(server, &zone.name).await));
    let asked = join_all(asked).await;
    let wrong: Vec<_> = asked
        .iter()
        .filter(|(_, answer)| *answer == Ok(false))
        .map(|(server, _)| server.as_str())
        .collect();
    if !wrong.is_empty() {
        return Ok(Verdict::error(
            format!("not authoritative for `{}`: {}", zone.name, wrong.join(", ")),
            "only AWS can fix this: open a support case",
        ));
    }
    let good = asked.iter().filter(|(_, answer)| answer.is_ok()).count();
    match asked.into_iter().find_map(|(_, answer)| answer.err()) {
        Some(why) if good == 0 => Err(Stop::Nothing(why)),
        Some(_) | None => Ok(Verdict::ok(format!("{good} name servers answer for the zone"))),
    }
}

pub(super) async fn record(case: &Case<'_>) -> Answer {
    let zone = &case.site.config.hosted_zone_id;
    case.zone()?;
    let ours = ours(case)?;
    let (mut foreign, mut own) = (Vec::new(), 0);
    for name in names(case) {
        let records = case.reach.wiring.records_of(zone, &name).await?;
        let answering =
            records.iter().filter(|record| ["A", "AAAA", "CNAME"].contains(&record.kind.as_str()));
        for record in answering {
            if record.leads_to().is_some_and(|name| ours.contains(&name)) {
                own += 1;
            } else {
                foreign.push(format!("{} {name}", record.kind));
            }
        }
    }
    if !foreign.is_empty() {
        return Ok(Verdict::error(
            format!("taken by something else: {}", foreign.join(", ")),
            format!(
                "see it with `aws route53 list-resource-record-sets --hosted-zone-id {zone}` and delete it, \
                 or choose another `hostname`"
            ),
        ));
    }
    Ok(Verdict::ok(match own {
        0 => "free".to_owned(),
        1 => "1 record, of the site".to_owned(),
        own => format!("{own} records, all of the site"),
    }))
}

/// The names that get records.
fn names(case: &Case<'_>) -> Vec<String> {
    let config = &case.site.config;
    let mut names = vec![config.hostname.to_string(), config.failover_name().to_string()];
    names.dedup();
    names
}

/// What the site's own records are aliases of.
fn ours(case: &Case<'_>) -> Result<Vec<String>, Stop> {
    let ends = [
        (StackId::WebPrimary, "LoadBalancerDnsName"),
        (StackId::WebStandby, "LoadBalancerDnsName"),
        (StackId::Edge, "DistributionDomainName"),
    ];
    let mut names = Vec::new();
    for (stack, output) in ends {
        let view = case.stack(stack)?;
        names
            .extend(view.and_then(|view| view.outputs.get(output)).map(|name| name.to_lowercase()));
    }
    Ok(names)
}

fn lowered(servers: &[String]) -> Vec<String> {
    servers.iter().map(|server| server.trim_end_matches('.').to_lowercase()).collect()
}

/// Stops where the world cannot know the zone.
pub(super) fn public(case: &Case<'_>, private: bool) -> Result<(), Stop> {
    if case.is_local() {
        return Err(Stop::Nothing("an emulator's zones are on no public server".to_owned()));
    }
    if private {
        return Err(Stop::Nothing("the zone is private".to_owned()));
    }
    Ok(())
}

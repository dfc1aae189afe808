//! The site of a script: the settings of a site file, and what the users need.

use failover_core::Policy;
use failover_core::policy::{Floor, SETTINGS};

use failover_sim::world::{Silence, Site, VerdictOf};

use super::read::Refusal;

/// Settings that are the world's own, or the library's.
const NOT_CHOSEN: [&str; 4] = ["tick", "peak_hint", "routing", "cpu_target_percent"];
/// Words of a script that are no settings of the policy.
const OWN: [&str; 2] = ["demand", "watch"];
/// Reads `demand 4, floor 0, latch on`.
pub(super) fn site(text: &str) -> Result<Site, Refusal> {
    let mut chosen: Vec<(&str, &str)> = Vec::new();
    for part in text.split(',') {
        let part = part.trim();
        let words: Vec<&str> = part.split_whitespace().collect();
        let [name, value] = words[..] else {
            let hint = "write a name and a value between commas, such as `demand 4, floor 0`";
            return Err(("a setting is a name and a value", part.to_owned(), hint.to_owned()));
        };
        let known = SETTINGS.iter().map(|setting| setting.name);
        let known: Vec<_> = known.filter(|name| !NOT_CHOSEN.contains(name)).collect();
        if !OWN.contains(&name) && !known.contains(&name) {
            let hint = format!("write `{}` or one of `{}`", OWN.join("`, `"), known.join("`, `"));
            return Err(("there is no such setting", name.to_owned(), hint));
        }
        if chosen.iter().any(|(other, _)| *other == name) {
            let hint = "leave one of the two".to_owned();
            return Err(("said twice", name.to_owned(), hint));
        }
        chosen.push((name, value));
    }
    let find =
        |name: &str| chosen.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
    let demand = find("demand").ok_or_else(|| {
        let hint = "write how many servers the users need, such as `demand 4`".to_owned();
        ("the site has no `demand`", String::new(), hint)
    })?;
    let verdict = match find("watch") {
        None | Some("off") => VerdictOf::Nothing,
        Some("on") => VerdictOf::Endpoint,
        Some(other) => {
            let hint = "write `watch on` for the verdict and one look a minute, or `watch off`";
            return Err(("this setting cannot be", other.to_owned(), hint.to_owned()));
        }
    };
    let policy = Policy::from_settings(|setting| {
        // A world in which the users need what the controller expects of them.
        let found = if setting.name == "peak_hint" { Some(demand) } else { find(setting.name) };
        Some(found.unwrap_or(setting.default).to_owned())
    });
    let policy = policy.map_err(|error| {
        let name = if error.name() == "peak_hint" { "demand" } else { error.name() };
        let hint = error.to_string().replace("`peak_hint`", "`demand`");
        ("this setting cannot be", name.to_owned(), hint)
    })?;
    let demand = demand.parse().expect("the policy has read it as a number");
    let floor = match policy.floor() {
        Floor::Fixed(floor) => floor,
        Floor::Match => policy.target(None),
    };
    Ok(Site {
        policy,
        demand,
        floor,
        launchable: u16::MAX,
        silence: Silence::LastKnown,
        deploys_detector: false,
        unchecked_standby: false,
        variants: Vec::new(),
        telling: false,
        verdict,
        wide_looks: false,
    })
}

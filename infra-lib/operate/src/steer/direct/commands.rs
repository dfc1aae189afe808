//! The same as commands for a shell. They may be typed much later than they were printed, so each says when it must not be.

use failover_core::decision::StandbyWrite;
use failover_core::record::{Register, Sizes};

use site::model::Site;

use super::{Place, Plan};

const UNLESS_NOTED: &str =
    "  # not if the first command shows a newer pilotlight:raised: that one is valid";
const PRIMARY_ALONE: &str = " || echo 'not lowered'  # only while DNS names the primary alone";

impl Plan {
    /// The same as plain commands for a POSIX shell, after one that shows the group. By the time they are typed somebody may have
    /// raised the group, so each reads it again: a raise takes the larger size, and a lowering is left out.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        let Place { region, group } = &self.place;
        let read = format!(
            "aws autoscaling describe-auto-scaling-groups --region {region} --auto-scaling-group-names {group}"
        );
        let live = |query: &str| {
            format!(
                "$({read} --query '{}' --output text)",
                query.replace('@', "AutoScalingGroups[0]")
            )
        };
        let at_least = |property: &str, size: u16| live(&format!("max([@.{property}, `{size}`])"));
        let update = format!(
            "aws autoscaling update-auto-scaling-group --region {region} --auto-scaling-group-name {group}"
        );
        let mut commands = vec![read.clone()];
        if self.note.is_some() {
            commands.push(format!("{}{UNLESS_NOTED}", self.note_command()));
        }
        let shown = self.live.unwrap_or(Sizes { min: 0, desired: 0, max: 0 });
        for write in &self.writes {
            commands.push(match write {
                // AWS raises a smaller desired capacity to the minimum and keeps a larger one.
                StandbyWrite::Raise(Sizes { min, max, .. }) => {
                    let min = at_least("MinSize", *min);
                    let max = (shown.max < *max).then(|| at_least("MaxSize", *max));
                    let max = max.map(|max| format!(" --max-size {max}")).unwrap_or_default();
                    format!("{update} --min-size {min}{max}")
                }
                StandbyWrite::LowerMin { min } => {
                    let live = live("@.MinSize");
                    let unless = format!("[ {live} -le {} ]", shown.min);
                    format!("{unless} && {update} --min-size {min}{PRIMARY_ALONE}")
                }
                StandbyWrite::LowerDesired { desired, max } => {
                    let live = live("@.DesiredCapacity");
                    let unless = format!("[ {live} -le {} ]", shown.desired);
                    format!(
                        "{unless} && {update} --desired-capacity {desired} --max-size {max}{PRIMARY_ALONE}"
                    )
                }
            });
        }
        commands
    }

    /// As JSON, because the short form gives spaces and equal signs a meaning of their own.
    pub(super) fn note_command(&self) -> String {
        let Place { region, group } = &self.place;
        let tag = |register: &Register| {
            let (key, value) = register.tag();
            let of = format!(r#""ResourceId":"{group}","ResourceType":"auto-scaling-group""#);
            format!(r#"{{{of},"Key":"{key}","Value":"{value}","PropagateAtLaunch":false}}"#)
        };
        let tags: Vec<_> = self.note.iter().map(tag).collect();
        format!(
            "aws autoscaling create-or-update-tags --region {region} --tags '[{}]'",
            tags.join(",")
        )
    }
}

/// The command that puts the latch's metric to open, once.
pub(super) fn open_latch(site: &Site) -> String {
    let (name, region) = (&site.config.name, site.standby_region());
    format!(
        "aws cloudwatch put-metric-data --region {region} --namespace Pilotlight --metric-name LatchClosed \
         --dimensions Site={name} --value 0"
    )
}

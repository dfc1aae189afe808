//! The same as commands for a shell. They may be typed much later than they were printed, so each says when it must not be.

use failover_core::decision::StandbyWrite;
use failover_core::record::{Register, Sizes};

use super::{Place, Plan};
use crate::model::Site;

const UNLESS_NOTED: &str =
    "  # not if the first command shows a newer pilotlight:raised: that one is valid";
const AT_LEAST: &str = "  # never below the MinSize that the first command shows; AWS raises a smaller desired capacity to it and keeps a larger one";
const REFUSED: &str =
    "  # only if AWS refuses the command before, because the live MaxSize is smaller";
const PRIMARY_ALONE: &str = "  # only while DNS names the primary alone";

impl Plan {
    /// The same as plain commands, after one that shows the group.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        let Place { region, group } = &self.place;
        let mut commands = vec![format!(
            "aws autoscaling describe-auto-scaling-groups --region {region} --auto-scaling-group-names {group}"
        )];
        if self.note.is_some() {
            commands.push(format!("{}{UNLESS_NOTED}", self.note_command()));
        }
        let update = |sizes: String| {
            format!(
                "aws autoscaling update-auto-scaling-group --region {region} --auto-scaling-group-name {group} {sizes}"
            )
        };
        for write in &self.writes {
            match write {
                // The desired capacity is left out: by the time this is typed the group may have grown.
                StandbyWrite::Raise(Sizes { min, max, .. }) => {
                    commands.push(update(format!("--min-size {min}{AT_LEAST}")));
                    if self.live.is_none_or(|live| live.max < *max) {
                        commands
                            .push(update(format!("--min-size {min} --max-size {max}{REFUSED}")));
                    }
                }
                StandbyWrite::LowerMin { min } => {
                    commands.push(update(format!("--min-size {min}{PRIMARY_ALONE}")));
                }
                StandbyWrite::LowerDesired { desired, max } => {
                    let live = self.live.map_or(0, |live| live.desired);
                    commands.push(update(format!(
                        "--desired-capacity {desired} --max-size {max}{PRIMARY_ALONE}, and the first command shows no more than DesiredCapacity {live}"
                    )));
                }
            }
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

//! The screen in a bad hour, wide and narrow.

use expect_test::{Expect, expect};
use failover_core::finding::Finding;
use failover_core::record::Sizes;
use failover_core::{Reason, ReasonKind, Timestamp};
use operate::status::{Alarm, Decided, Found, Ordered};
use provision::needs::{Broken, Consequence, Fix};
use site::model::StackId;
use site::names::Region;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + second).unwrap()
}

fn region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

/// Failed over for an hour by an order, the primary's region dark, nobody confirmed to hear notices.
#[expect(clippy::too_many_lines, reason = "it shows a whole screen")]
fn bad_hour() -> Status {
    let dark = "no answer from AWS to `DescribeStacks` in us-west-2: connection timed out";
    let sizes = Sizes { min: 2, desired: 2, max: 8 };
    let group = Group {
        sizes,
        in_service: 2,
        healthy: Reading::Known(1),
        suspended: vec!["Launch".to_owned()],
    };
    let decided = Decided {
        from: at(3000),
        at: at(3590),
        times: 11,
        reason: ReasonKind::AlreadyRaised,
        words:
            "The alarm reads ALARM, and the standby already runs its 2 instances: nothing to do."
                .to_owned(),
        failed: vec!["the notice: throttled: Rate exceeded".to_owned()],
        gist: Reason::AlreadyRaised { target: 4 },
    };
    let side =
        |name: &str, group| Side { region: region(name), dormant: false, lacks: None, group };
    let stack = |stack, region: &str, status| StackReading {
        stack,
        region: self::region(region),
        status,
        wanted: true,
    };
    let undo = Sizes { min: 0, desired: 0, max: 8 };
    let why = "alarm".to_owned();
    Status {
        site: "shop".to_owned(),
        hostname: "shop.example.com".to_owned(),
        failover_name: "origin.shop.example.com".to_owned(),
        at: at(3600),
        serving: Reading::Known(Serving {
            answer: Answer::Standby,
            both: false,
            seen_by_controller: Some(at(3590)),
        }),
        phase: Phase::Raising,
        raised: Reading::Known(Raised::Ours { since: at(0), newest: at(0), target: 2, why, undo }),
        target: Reading::Known(2),
        order: Some(Ordered { what: Demand::Failover, at: at(60), by: "alice".to_owned() }),
        mode: Reading::Known(Mode::Observe),
        hold_down_left_seconds: Some(1770),
        latch: Reading::Known(Gate {
            recorded: Latch::Closed,
            since: Some(at(300)),
            shown: Reading::Known(Latch::Open),
        }),
        alarm: Reading::Known(Alarm { state: AlarmState::Alarm, since: Some(at(-60)) }),
        check: Reading::Known(Check {
            checkers: 16,
            succeeded: 0,
            failure: Some("Failure: Connection timed out.".to_owned()),
        }),
        primary: side("us-west-2", Reading::Unknown(dark.to_owned())),
        standby: side("us-east-2", Reading::Known(group)),
        findings: Reading::Known(vec![Found {
            finding: Finding::Unconfirmed,
            text: Finding::Unconfirmed.text(),
            gone_since: None,
        }]),
        spent: Some(Reading::Unknown("no price for it".to_owned())),
        decision: Reading::Known(decided.clone()),
        course: vec![decided],
        needs: Some(Needs {
            met: Vec::new(),
            broken: vec![Broken {
                need: Need::Tick,
                consequence: Consequence::NoTick,
                what: "the rule shop-tick is disabled".to_owned(),
                fix: Fix::Command("aws events enable-rule".to_owned()),
            }],
            unread: Vec::new(),
        }),
        stacks: vec![
            stack(StackId::WebPrimary, "us-west-2", Reading::Unknown(dark.to_owned())),
            stack(StackId::WebStandby, "us-east-2", Reading::Known("CREATE_COMPLETE".to_owned())),
            stack(StackId::Detector, "us-east-1", Reading::Absent),
        ],
    }
}

fn check(width: usize, expected: &Expect) {
    let mut out = Vec::new();
    write(&mut out, &Sheet::plain(width), &bad_hour()).unwrap();
    expected.assert_eq(&String::from_utf8(out).unwrap());
}

#[test]
fn a_bad_hour_fits_a_wide_screen() {
    check(
        100,
        &expect![[r#"
            shop  2026-01-01 01:00:00 UTC
              site       shop.example.com by CloudFront, failover at origin.shop.example.com
              serving    the standby, us-east-2; as the controller saw DNS at 00:59:50
              phase      raising the standby: to 2 instances for 1 h, since 00:00:00, because of the alarm; to
                         go back to min 0, desired 0, max 8
              why        The alarm reads ALARM, and the standby already runs its 2 instances: nothing to do. DID
                         NOT GO THROUGH: the notice: throttled: Rate exceeded.
              order      failover by alice, for 59 min, since 00:01:00
              hold-down  29 min 30 s at least
              mode       observe: it decides and changes nothing, so no failover will happen
              latch      closed for 55 min, since 00:05:00; its alarm still says open
              alarm      ALARM for 1 h 1 min, since 2025-12-31 23:59:00
              primary    us-west-2: unknown: no answer from AWS to `DescribeStacks` in us-west-2: connection
                         timed out
              standby    us-east-2: desired 2, in service 2, healthy 1 (min 2, max 8); SUSPENDED: Launch
              check      0 of 16 checkers reach the primary; one says: Failure: Connection timed out.
              cost       unknown: no price for it
              findings   unconfirmed: Fewer people than the site file names hear of an outage: a receiver of
                         notices has not confirmed, or has unsubscribed. Confirm the e-mail from SNS; if a mail
                         scanner followed the unsubscribe link, subscribe again.
              needs      Only the alarm's message can start a failover, and nothing ends one: the rule shop-tick
                         is disabled; `cargo xtask doctor` says what to do
              stacks     web-primary in us-west-2: unknown: no answer from AWS to `DescribeStacks` in us-west-2:
                         connection timed out
                         web-standby in us-east-2: CREATE_COMPLETE
                         detector in us-east-1: does not exist
            last decisions, UTC
              00:50:00  AlreadyRaised x11: The alarm reads ALARM, and the standby already runs its 2 instances:
                        nothing to do. DID NOT GO THROUGH: the notice: throttled: Rate exceeded.
        "#]],
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "it shows a whole screen")]
fn a_bad_hour_can_be_read_at_forty_columns() {
    check(
        40,
        &expect![[r#"
            shop  2026-01-01 01:00:00 UTC
              site       shop.example.com by
                         CloudFront, failover at
                         origin.shop.example.com
              serving    the standby, us-east-2; as
                         the controller saw DNS at
                         00:59:50
              phase      raising the standby: to 2
                         instances for 1 h, since
                         00:00:00, because of the
                         alarm; to go back to min 0,
                         desired 0, max 8
              why        The alarm reads ALARM, and
                         the standby already runs
                         its 2 instances: nothing to
                         do. DID NOT GO THROUGH: the
                         notice: throttled: Rate
                         exceeded.
              order      failover by alice, for 59
                         min, since 00:01:00
              hold-down  29 min 30 s at least
              mode       observe: it decides and
                         changes nothing, so no
                         failover will happen
              latch      closed for 55 min, since
                         00:05:00; its alarm still
                         says open
              alarm      ALARM for 1 h 1 min, since
                         2025-12-31 23:59:00
              primary    us-west-2: unknown: no
                         answer from AWS to
                         `DescribeStacks` in
                         us-west-2: connection timed
                         out
              standby    us-east-2: desired 2, in
                         service 2, healthy 1 (min
                         2, max 8); SUSPENDED:
                         Launch
              check      0 of 16 checkers reach the
                         primary; one says: Failure:
                         Connection timed out.
              cost       unknown: no price for it
              findings   unconfirmed: Fewer people
                         than the site file names
                         hear of an outage: a
                         receiver of notices has not
                         confirmed, or has
                         unsubscribed. Confirm the
                         e-mail from SNS; if a mail
                         scanner followed the
                         unsubscribe link, subscribe
                         again.
              needs      Only the alarm's message
                         can start a failover, and
                         nothing ends one: the rule
                         shop-tick is disabled;
                         `cargo xtask doctor` says
                         what to do
              stacks     web-primary in us-west-2:
                         unknown: no answer from AWS
                         to `DescribeStacks` in
                         us-west-2: connection timed
                         out
                         web-standby in us-east-2:
                         CREATE_COMPLETE
                         detector in us-east-1: does
                         not exist
            last decisions, UTC
              00:50:00  AlreadyRaised x11: The alarm
                        reads ALARM, and the standby
                        already runs its 2
                        instances: nothing to do.
                        DID NOT GO THROUGH: the
                        notice: throttled: Rate
                        exceeded.
        "#]],
    );
}

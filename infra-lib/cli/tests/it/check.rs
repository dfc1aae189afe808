//! `check` on anybody's template: findings in their lines, the list of rules, and bad input.

use expect_test::{Expect, expect};

use super::command::{Folder, SITE};

fn check(template: &str, arguments: &str, expected: &Expect) {
    let folder = Folder::empty();
    std::fs::write(folder.path().join("stack.yaml"), template).expect("a file");
    expected.assert_eq(&folder.run(arguments));
}

const OPEN: &str = r#"
Resources:
  Database:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: the database
      VpcId: vpc-11112222333344445
      SecurityGroupIngress:
        - IpProtocol: tcp
          FromPort: 5432
          ToPort: 5432
          CidrIp: 0.0.0.0/0
"#;

#[test]
fn a_finding_is_shown_in_its_line_with_the_fix() {
    check(
        OPEN,
        "check --template stack.yaml --region us-east-1",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            warning[open-port]: port 5432 (PostgreSQL) is open to the world
              --> stack.yaml:12:19
               |
            12 |           CidrIp: 0.0.0.0/0
               |                   ^^^^^^^^^ Resources.Database.Properties.SecurityGroupIngress[0].CidrIp
            hint: open it to the addresses that need it, or use Session Manager and private subnets instead
            ----- stderr -----
            1 template checked, 1 finding
        "#]],
    );
}

#[test]
fn a_finding_is_told_to_programs_with_its_line() {
    check(
        OPEN,
        "check --template stack.yaml --region us-east-1 --format json",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            [
              {
                "severity": "warning",
                "rule": "open-port",
                "file": "stack.yaml",
                "place": "Resources.Database.Properties.SecurityGroupIngress[0].CidrIp",
                "message": "port 5432 (PostgreSQL) is open to the world",
                "fix": "open it to the addresses that need it, or use Session Manager and private subnets instead",
                "excerpt": {
                  "line": 12,
                  "column": 19,
                  "text": "          CidrIp: 0.0.0.0/0"
                }
              }
            ]
            ----- stderr -----
            1 template checked, 1 finding
        "#]],
    );
}

#[test]
fn a_template_without_findings_is_done() {
    let closed = OPEN.replace("0.0.0.0/0", "10.0.0.0/8");
    check(
        &closed,
        "check --template stack.yaml --region us-east-1",
        &expect![[r#"
        exit code: 0
        ----- stdout -----
        ----- stderr -----
        1 template checked, no findings
    "#]],
    );
}

#[test]
fn a_warning_alone_is_no_failure() {
    let dark = r#"
Resources:
  Standby:
    Type: AWS::AutoScaling::AutoScalingGroup
    UpdatePolicy: { AutoScalingScheduledAction: { IgnoreUnmodifiedGroupSizeProperties: true } }
    Properties: { MinSize: "2", MaxSize: "4" }
"#;
    check(
        dark,
        "check --template stack.yaml --region us-east-2",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            warning[two-fleets]: the standby always runs 2 instances: you pay for two fleets
             --> stack.yaml:6:28
              |
            6 |     Properties: { MinSize: "2", MaxSize: "4" }
              |                            ^^^ Resources.Standby.Properties.MinSize
            hint: set `MinSize` to the floor you want, 0 for a pilot light, and leave `DesiredCapacity` out
            ----- stderr -----
            1 template checked, 1 finding
        "#]],
    );
}

#[test]
fn what_is_no_template_is_one_clear_error() {
    let with = |text: &str, expected: &Expect| {
        check(text, "check --template stack.yaml --region us-east-1", expected);
    };
    with(
        "a: [",
        &expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: `stack.yaml` is no CloudFormation template: did not find expected node content at line 2 column 1, while parsing a flow node
        hint: a template is a YAML or JSON mapping with `Resources`; correct the file, or name another after `--template`
    "#]],
    );
    with(
        "just a text",
        &expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: `stack.yaml` is no CloudFormation template: the template has no resources
        hint: a template is a YAML or JSON mapping with `Resources`; correct the file, or name another after `--template`
    "#]],
    );
    with(
        "",
        &expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: `stack.yaml` is no CloudFormation template: the template has no resources
        hint: a template is a YAML or JSON mapping with `Resources`; correct the file, or name another after `--template`
    "#]],
    );
    check(
        OPEN,
        "check --template stacks.yaml --region us-east-1",
        &expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: no template: `stacks.yaml`
        hint: name a CloudFormation template, YAML or JSON, after `--template`
    "#]],
    );
    check(
        OPEN,
        "check --template . --region us-east-1",
        &expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: cannot read the template: `.`
          because: Is a directory (os error 21)
        hint: it must be a file that you may read, in UTF-8
    "#]],
    );
}

#[test]
fn an_unknown_region_is_shown_with_the_nearest_one() {
    check(
        OPEN,
        "check --template stack.yaml --region us-est-1",
        &expect![[r#"
        exit code: 2
        ----- stdout -----
        ----- stderr -----
        error: unknown region: `us-est-1`
        hint: did you mean `us-east-1`?
    "#]],
    );
    check(
        OPEN,
        "check --template stack.yaml --region ohio",
        &expect![[r#"
        exit code: 2
        ----- stdout -----
        ----- stderr -----
        error: unknown region: `ohio`
        hint: give the region that the template is deployed in, such as `us-east-1`
    "#]],
    );
    check(
        OPEN,
        "check --template stack.yaml",
        &expect![[r#"
        exit code: 2
        ----- stdout -----
        ----- stderr -----
        error: the following required arguments were not provided:
          --region <REGION>

        Usage: cargo xtask check --template <FILE> --region <REGION>

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn every_rule_is_listed() {
    check(
        OPEN,
        "check --rules",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            template-syntax                 error    not a template
            template-size                   error    a template that is too large
            template-reference              error    a name that nothing has
            security-group-by-name          error    a security group by name where an id is needed
            launch-template-without-groups  error    a launch template without its security group
            interface-without-groups        error    a launch template's network interface without its security
                                                     group
            desired-capacity                error    a pinned DesiredCapacity (F44)
            two-fleets                      warning  two fleets paid for at once
            grace-period                    error    health checks by the load balancer without a grace period
                                                     (F63)
            warm-pool-without-hook          error    a warm pool without a launching hook (F62)
            group-size-reapplied            warning  group sizes that every update applies again (F44)
            fixed-dark-size                 warning  a dark group whose size is no parameter (F45)
            open-port                       warning  a management or database port open to the world
            alarm-region                    error    a health-check alarm outside us-east-1
            missing-data                    error    an alarm that hides blindness
            alarm-never-fires               error    an alarm that can never fire
            alarm-period                    error    a period under the metric's minute
            alarm-dimension                 error    an alarm on a fixed health check id (F39)
            record-health-check             error    a failover record without its own health check (F68)
            record-target-health            error    an alias that does not evaluate its target (F68)
            record-without-signal           error    a record without health signal (F68)
            check-of-failover-name          error    a health check on the failover name (F66)
            gate-threshold                  error    a calculated check that does not need what it gates
            alarm-on-gate                   error    a failover alarm on the gate
            record-without-alarm            error    a primary record that does not follow the alarm's check
                                                     (F39)
            gate-missing-data               error    a check on an alarm that takes silence for a verdict (F38)
            latch-alarm                     error    a latch alarm that Route 53 cannot follow
            launch-configuration            error    a launch configuration
            launch-template-version         warning  a pinned version of a launch template in the same file
            volume-key                      error    a volume key that Auto Scaling may not use
            topic-key                       error    an alarm's topic with a key that CloudWatch may not use
            topic-policy                    error    an alarm's topic whose policy leaves CloudWatch out
            alarm-action-region             error    an alarm action in another region
            metric-check-alarm              error    a health check on an alarm that Route 53 cannot follow
            target-group-without-listener   error    a target group that no listener uses
            tls13-alone                     error    TLS 1.3 alone behind an HTTPS health check
            origin-group-methods            error    a CloudFront behavior that takes POST and asks an origin
                                                     group
            egress-region                   error    a proof of egress inside the site
            parameter-unknown               error    a value for a parameter that does not exist
            parameter-value                 error    a value that the template does not allow
            parameter-missing               error    a parameter without a value
            output-missing                  error    an output that another stack needs and that does not exist
            setting-default                 error    a default other than the policy's
            setting-fed                     error    a setting that does not reach the controller
            ----- stderr -----
        "#]],
    );
}

#[test]
fn a_rule_can_be_explained() {
    check(
        OPEN,
        "check --explain alarm-region",
        &expect![[r#"
        exit code: 0
        ----- stdout -----
        error[alarm-region]: a health-check alarm outside us-east-1
        Route 53 publishes its metric in us-east-1 alone; anywhere else the alarm never has data.
        ----- stderr -----
    "#]],
    );
    check(
        OPEN,
        "check --explain alarm-regoin",
        &expect![[r#"
        exit code: 2
        ----- stdout -----
        ----- stderr -----
        error: there is no rule called `alarm-regoin`
        hint: `cargo xtask check --rules` lists them all
    "#]],
    );
}

#[test]
fn what_a_change_replaces_is_listed() {
    let told = Folder::with(SITE).run("check --replacements");
    assert!(told.starts_with("exit code: 0"), "{told}");
    let listed =
        "detector.HealthProtocol\n  PrimaryCheck, StandbyEndpointCheck are replaced: the new check";
    assert!(told.contains(listed), "{told}");
}

//! What settings may not say together is told at the setting to change, with the fix.

use expect_test::expect;
use site::config::Config;

use super::{check, with};

#[test]
fn a_range_without_room_for_three_zones_is_refused() {
    check(
        &with("[network]\nzones = 3\nstandby_cidr = \"10.21.0.0/22\"\n"),
        &expect![[r#"
        10 "10.21.0.0/22": `standby_cidr` has no room for 3 zones: `10.21.0.0/22`; expected a range of /21 or larger; three zones need six /24 subnets; or set `zones = 2`
    "#]],
    );
}

#[test]
fn three_zones_where_an_account_has_two_are_refused() {
    check(
        &with("[network]\nzones = 3\n").replace("us-east-2", "us-west-1"),
        &expect![[r#"
        9 3: `zones` is 3, and the standby, us-west-1, has 2 for an account; expected 2; set `zones = 2`, or choose another region
    "#]],
    );
    check(
        &with("[network]\nzones = 3\n").replace("us-west-2", "us-west-1"),
        &expect![[r#"
        9 3: `zones` is 3, and the primary, us-west-1, has 2 for an account; expected 2; set `zones = 2`, or choose another region
    "#]],
    );
}

#[test]
fn a_region_that_us_east_1_does_not_reach_is_refused() {
    for region in ["cn-north-1", "us-gov-west-1"] {
        let text = with("").replace("us-east-2", region);
        let error = Config::from_toml(&text, "pilotlight.toml").expect_err("another part of AWS");
        let site::config::ConfigError::Invalid { problems } = error else { panic!("{error}") };
        assert_eq!(problems.len(), 1, "{problems:?}");
        let message = format!("{region} is in a part of AWS that us-east-1 does not reach");
        assert_eq!(problems[0].message, message);
    }
}

/// Elastic Load Balancing keeps the names that begin so.
#[test]
fn a_site_that_no_load_balancer_may_be_called_after_is_refused() {
    for (name, good) in [("internal", false), ("internal-shop", false), ("internals", true)] {
        let text = with("").replacen("\"shop\"", &format!("\"{name}\""), 1);
        assert_eq!(Config::from_toml(&text, "pilotlight.toml").is_ok(), good, "{name}");
    }
}

#[test]
fn a_name_that_is_too_long_for_a_managed_certificate_is_refused() {
    let named = |length: usize| {
        let long = format!("{}.{}.example.com", "a".repeat(40), "b".repeat(length - 53));
        with("[tls]\ncertificate = \"managed\"\n").replace("shop.example.com", &long)
    };
    assert!(Config::from_toml(&named(64), "pilotlight.toml").is_ok());
    check(
        &named(65),
        &expect![[r#"
        9 "managed": `hostname` has 65 characters, and a certificate's first name 64 at most; expected `own`, or `none`; choose a shorter `hostname`; or request certificates that have a shorter name first and this one as an alternative, and name their ARNs with `certificate = "own"`
    "#]],
    );
}

#[test]
fn gateways_for_public_instances_are_refused() {
    check(
        &with("[network]\ninstances = \"public\"\nnat = \"one\"\n"),
        &expect![[r#"
        10 "one": `nat = "one"` is for private instances, and these are public; expected `none`; leave `nat` out: public instances have a route of their own; or set `instances = "private"`
    "#]],
    );
}

#[test]
fn a_shell_without_a_way_out_is_refused() {
    check(
        &with("[web]\nsession_manager = \"on\"\n"),
        &expect![[r#"
            9 "on": `session_manager` needs internet access, and the instances have none; expected `off`; set `nat = "one"`, `nat = "per-zone"` or `instances = "public"` in [network]
        "#]],
    );
}

#[test]
fn spot_of_one_type_or_in_a_warm_pool_is_refused() {
    check(
        &with("[web]\non_demand_percent = 50\nwarm_pool = 1\n"),
        &expect![[r#"
        9 50: `on_demand_percent` is 50, and there is one instance type alone; expected 100; name `more_instance_types`: Spot capacity of one type runs out when everybody fails over
        10 1: `warm_pool` cannot hold Spot instances; expected 0; set `on_demand_percent = 100`, or leave `warm_pool` out
    "#]],
    );
}

#[test]
fn a_warm_pool_beside_a_floor_that_follows_the_peak_is_refused() {
    check(
        &with("[web]\nwarm_pool = 2\n[failover]\nfloor = \"match\"\n"),
        &expect![[r#"
            9 2: `warm_pool` prepares what a raise adds, and with `floor = "match"` it adds nothing; expected 0; leave `warm_pool` out, or set `floor` in [failover] to a number
        "#]],
    );
}

#[test]
fn a_health_path_that_the_firewall_cannot_compare_is_refused() {
    let text = |letters: usize, placement: &str| {
        let path = format!("/{}", "a".repeat(letters));
        with(&format!("[health]\npath = \"{path}\"\n[waf]\nplacement = \"{placement}\"\n"))
    };
    check(
        &text(200, "regional"),
        &expect![[r#"
            9 "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": `path` has 201 characters, and a firewall rule compares with 200 at most; expected 200 characters or less; shorten it, or choose another `placement` in [waf]
        "#]],
    );
    for text in [text(199, "regional"), text(200, "none")] {
        assert!(Config::from_toml(&text, "pilotlight.toml").is_ok(), "{text}");
    }
}

#[test]
fn an_address_is_told_once_however_its_domain_is_spelled() {
    let addresses = "notice_email = [\"ops@example.com\", \"ops@Example.COM\"]\n";
    check(
        &format!("{addresses}{}", with("")),
        &expect![[r#"
        1 "ops@Example.COM": `notice_email` names `ops@Example.COM` twice; expected each one once; -
    "#]],
    );
}

#[test]
fn types_that_one_image_cannot_boot_are_refused() {
    check(
        &with("[web]\nmore_instance_types = [\"t3.micro\"]\n"),
        &expect![[r#"
        9 ["t3.micro"]: `t4g.micro` and `t3.micro` have different processors; expected Graviton types, such as `t4g.small`; one image boots on one processor
    "#]],
    );
    check(
        &with("[web]\nmore_instance_types = [\"t4g.micro\"]\n"),
        &expect![[r#"
        9 ["t4g.micro"]: `more_instance_types` names the first choice again: `t4g.micro`; expected other types; they are taken where `instance_type` cannot be had
    "#]],
    );
}

#[test]
fn an_image_of_amazon_for_another_processor_is_refused() {
    let image =
        "image = \"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64\"\n";
    check(
        &with(&format!("[web]\ninstance_type = \"t3.small\"\n{image}")),
        &expect![[r#"
        10 "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64": `image` is for arm64, and `t3.small` is x86_64; expected one for x86_64; leave `image` out: the default follows `instance_type`; or choose another type
    "#]],
    );
    let own = "primary_ami = \"ami-0123456789abcdef0\"\nstandby_ami = \"ami-0123456789abcdef1\"\n";
    let unused = with(&format!("[web]\ninstance_type = \"t3.small\"\n{image}{own}"));
    assert!(Config::from_toml(&unused, "pilotlight.toml").is_ok(), "ids win over the name");
}

#[test]
fn the_image_follows_the_processor_unless_it_is_named() {
    let image = |more: &str| {
        let config = Config::from_toml(&with(&format!("[web]\n{more}")), "pilotlight.toml");
        config.expect("valid").web.image
    };
    assert!(image("").ends_with("-arm64"));
    assert!(image("instance_type = \"t3.small\"\n").ends_with("-x86_64"));
    assert_eq!(image("instance_type = \"t3.small\"\nimage = \"/shop/image\"\n"), "/shop/image");
}

#[test]
fn an_array_is_checked_entry_by_entry() {
    check(
        &with("[web]\nmore_instance_types = [\"micro\", 3]\n"),
        &expect![[r#"
        9 "micro": `more_instance_types` is not valid: `micro`; expected an instance type, such as `t4g.micro`; -
        9 3: an entry of `more_instance_types` is an integer; expected a text in quotes; -
    "#]],
    );
    check(
        &with("[web]\nmore_instance_types = [\"t4g.nano\", \"t4g.small\", \"t4g.large\"]\n"),
        &expect![[r#"
            9 "t4g.large": `more_instance_types` has 3 entries; expected 2 at most; -
        "#]],
    );
    check(
        &with("[web]\nmore_instance_types = \"t4g.small\"\n"),
        &expect![[r#"
        9 "t4g.small": `more_instance_types` cannot be written as a string; expected an array of texts, such as `["a", "b"]`; -
    "#]],
    );
    check(
        "notice_email = [\"a@example.com\", \"a@example.com\"]\nhostname = 3\nname = \"shop\"\n",
        &expect![[r#"
            1 : [regions] `primary` is missing; expected [regions] `primary`; -
            1 : [regions] `standby` is missing; expected [regions] `standby`; -
            1 : `hosted_zone_id` is missing; expected `hosted_zone_id`; -
            1 "a@example.com": `notice_email` names `a@example.com` twice; expected each one once; -
            2 3: `hostname` cannot be written as an integer; expected a text in quotes; -
        "#]],
    );
}

#[test]
fn one_image_id_of_two_is_refused() {
    check(
        &with("[web]\nstandby_ami = \"ami-0123456789abcdef0\"\n"),
        &expect![[r#"
        9 "ami-0123456789abcdef0": `standby_ami` stands without `primary_ami`; expected `primary_ami` beside it; an image has another id in each region: copy it with `aws ec2 copy-image --region us-west-2 --source-region us-east-2 --source-image-id ami-0123456789abcdef0 --name web`
    "#]],
    );
}

#[test]
fn a_script_that_is_not_there_is_refused() {
    check(
        &with("[web]\nuser_data = \"no-such-script.sh\"\n"),
        &expect![[r#"
        9 "no-such-script.sh": `user_data` is not valid: `no-such-script.sh`; expected the path of a script, relative to the site file; there is no file `no-such-script.sh`
    "#]],
    );
}

#[test]
fn roots_that_are_not_there_are_refused() {
    check(
        &with("[tls]\nca_bundle = \"no-such-roots.pem\"\n"),
        &expect![[r#"
        9 "no-such-roots.pem": `ca_bundle` is not valid: `no-such-roots.pem`; expected the path of a PEM file of certificates, relative to the site file; there is no file `no-such-roots.pem`
    "#]],
    );
}

#[test]
fn the_port_of_the_redirect_is_taken() {
    check(
        &with("[web]\nlistener_port = 80\n[tls]\ncertificate = \"managed\"\n"),
        &expect![[r#"
        9 80: `listener_port` is 80, which the redirect needs; expected another port, such as 443; leave `listener_port` out: it is 443 with TLS; or set `redirect = "off"` in [tls]
    "#]],
    );
}

#[test]
fn certificates_that_no_load_balancer_could_take_are_refused() {
    check(
        &with("[tls]\ncertificate = \"own\"\n"),
        &expect![[r#"
        9 "own": `certificate = "own"` needs `primary_arn`; expected `primary_arn` beside it; find it with `aws acm list-certificates --region us-west-2`; or set `certificate = "managed"`
        9 "own": `certificate = "own"` needs `standby_arn`; expected `standby_arn` beside it; find it with `aws acm list-certificates --region us-east-2`; or set `certificate = "managed"`
    "#]],
    );
    let arn = "arn:aws:acm:us-west-2:111122223333:certificate/1";
    check(
        &with(&format!(
            "[tls]\ncertificate = \"own\"\nprimary_arn = \"{arn}\"\nstandby_arn = \"{arn}\"\n"
        )),
        &expect![[r#"
            11 "arn:aws:acm:us-west-2:111122223333:certificate/1": `standby_arn` is a certificate of us-west-2; expected one of us-east-2; a load balancer takes certificates of its own region alone
        "#]],
    );
    check(
        &with(&format!("[tls]\nprimary_arn = \"{arn}\"\n")),
        &expect![[r#"
        9 "arn:aws:acm:us-west-2:111122223333:certificate/1": `primary_arn` is for `certificate = "own"`, and it is `none`; expected no such key; remove it, or set `certificate = "own"`
    "#]],
    );
    check(
        &with("[tls]\nprimary_arn = \"arn:aws:iam::1:server-certificate/a\"\n"),
        &expect![[r#"
        9 "arn:aws:iam::1:server-certificate/a": `primary_arn` is not valid: `arn:aws:iam::1:server-certificate/a`; expected the ARN of a certificate, such as `arn:aws:acm:us-west-2:111122223333:certificate/12345678-1234-1234-1234-123456789012`; list them with `aws acm list-certificates --region REGION`
    "#]],
    );
}

#[test]
fn cloudfront_needs_what_it_reaches_over_tls() {
    check(
        &with("[edge]\ncloudfront = \"on\"\n"),
        &expect![[r#"
        9 "on": `cloudfront` needs TLS at the load balancers, and there is none; expected `off`; set `certificate = "managed"` in [tls]: what users send over HTTPS must not travel on in clear
    "#]],
    );
    check(
        &with(
            "[web]\nlistener_port = 81\n[tls]\ncertificate = \"managed\"\n[edge]\ncloudfront = \"on\"\norigin_hostname = \"shop.example.com\"\n",
        ),
        &expect![[r#"
            9 81: CloudFront reaches no port 81; expected 443, or 1024 and above; leave `listener_port` out: it is 443 with TLS
            14 "shop.example.com": `origin_hostname` is the site's own name; expected another name than `shop.example.com`; leave it out: it is `origin.shop.example.com`; CloudFront must not fetch from itself
        "#]],
    );
    let arn = |region: &str| format!("\"arn:aws:acm:{region}:111122223333:certificate/1\"");
    let own = format!(
        "[tls]\ncertificate = \"own\"\nprimary_arn = {}\nstandby_arn = {}\n[edge]\ncloudfront = \"on\"\n",
        arn("us-west-2"),
        arn("us-east-2")
    );
    check(
        &with(&own),
        &expect![[r#"
        13 "on": with certificates of your own, CloudFront needs one too; expected `certificate_arn` beside it; find it with `aws acm list-certificates --region us-east-1`; CloudFront takes certificates of no other region
    "#]],
    );
    check(
        &with(&format!("{own}certificate_arn = {}\n", arn("us-east-2"))),
        &expect![[r#"
        14 "arn:aws:acm:us-east-2:111122223333:certificate/1": `certificate_arn` is a certificate of us-east-2; expected one of us-east-1; CloudFront takes certificates of no other region
    "#]],
    );
    check(
        &with(&format!("[edge]\ncertificate_arn = {}\n", arn("us-east-1"))),
        &expect![[r#"
        9 "arn:aws:acm:us-east-1:111122223333:certificate/1": `certificate_arn` is for CloudFront, which is off; expected no such key; remove it, or set `cloudfront = "on"`
    "#]],
    );
}

#[test]
fn eager_needs_the_looks_that_it_raises_on() {
    check(
        &with("[health]\nwatch = \"off\"\n[failover]\neager = \"on\"\n"),
        &expect![[r#"
        11 "on": `eager` raises on what two looks in a row find, and there are none; expected `off`; leave it out, or set `watch` in [health] to 10s
    "#]],
    );
}

#[test]
fn a_failover_path_needs_cloudfront_and_is_a_pattern() {
    check(
        &with("[edge]\nfailover_path = \"/static/*\"\n"),
        &expect![[r#"
        9 "/static/*": `failover_path` is for CloudFront, which is off; expected no such key; remove it, or set `cloudfront = "on"`
    "#]],
    );
    check(
        &with(
            "[tls]\ncertificate = \"managed\"\n[edge]\ncloudfront = \"on\"\nfailover_path = \"/a b\"\n",
        ),
        &expect![[r#"
            12 "/a b": `failover_path` is not valid: `/a b`; expected a path pattern of CloudFront, such as `/static/*`; -
        "#]],
    );
}

#[test]
fn a_name_that_leaves_no_room_for_the_origin_s_is_refused() {
    let label = "a".repeat(60);
    let long = format!("{label}.{label}.{label}.{label}.example");
    let text = with("[tls]\ncertificate = \"managed\"\n[edge]\ncloudfront = \"on\"\n");
    check(
        &text.replace("shop.example.com", &long),
        &expect![[r#"
            9 "managed": `hostname` has 251 characters, and a certificate's first name 64 at most; expected `own`, or `none`; choose a shorter `hostname`; or request certificates that have a shorter name first and this one as an alternative, and name their ARNs with `certificate = "own"`
            11 "on": the origin's name, `origin.` and `hostname`, is longer than a name may be; expected `origin_hostname` beside it; set a shorter `origin_hostname` in the same zone
        "#]],
    );
}

#[test]
fn a_firewall_at_an_edge_that_is_not_there_is_refused() {
    check(
        &with("[waf]\nplacement = \"edge\"\n"),
        &expect![[r#"
        9 "edge": `placement = "edge"` needs CloudFront, which is off; expected `regional` or `none`; set `cloudfront = "on"` in [edge]; or `placement = "regional"`
    "#]],
    );
}

#[test]
fn a_hint_below_the_primarys_minimum_is_refused() {
    check(
        &with("[web]\nprimary_min = 8\n"),
        &expect![[r#"
        1 : `peak_hint` is below `primary_min`: 2 < 8; expected 8 or more; set `peak_hint` in [failover] to what the primary runs at its peak: until the controller has sampled it, a failover raises the standby to that
    "#]],
    );
    check(
        &with("[web]\nprimary_min = 4\n[failover]\npeak_hint = 3\n"),
        &expect![[r#"
        11 3: `peak_hint` is below `primary_min`: 3 < 4; expected 4 or more; set `peak_hint` in [failover] to what the primary runs at its peak: until the controller has sampled it, a failover raises the standby to that
    "#]],
    );
}

#[test]
fn active_active_asks_for_floors_and_checks_and_nothing_to_hold() {
    check(
        &with("[failover]\nrouting = \"active-active\"\n"),
        &expect![[r#"
        8 failover: `floor` is out of range: 0, must be `match` with `routing = active-active`; expected `match` with `routing = active-active`; set `floor = "match"` in [failover]: each region must be able to carry everything
    "#]],
    );
    check(
        &with(concat!(
            "[web]\nprimary_min = 1\nprimary_max = 4\n",
            "[health]\nstandby_check = \"off\"\ngate_check_id = \"abc\"\n",
            "[failover]\nrouting = \"active-active\"\nfloor = \"match\"\nlatch = \"on\"\n",
            "[routing]\nprimary_weight = 1\n",
        )),
        &expect![[r#"
            9 1: `primary_min` is less than one region needs to carry everything: 1; expected 2 or more; leave it out: it follows from `peak_hint`, `match_percent` and `failover_min`
            10 4: `primary_max` is below `capacity_max`: 4 < 8; expected 8 or more; leave it out: with both regions serving, each must be able to grow to `capacity_max`
            12 "off": `standby_check` is off, and both regions serve; expected `on`; leave it out: users must leave either region when it fails
            13 "abc": `gate_check_id` is for the latch, which active-active does not have; expected no such key; remove it: both regions serve, so nothing is held
            17 "on": `latch` holds users on the standby, and with active-active both regions serve; expected `off`, or no such key; leave `latch` out
            19 1: `primary_weight` is set, and Route 53 routes users by latency; expected no such key; remove it, or set `records = "weighted"`
        "#]],
    );
}

#[test]
fn shares_of_one_region_are_refused() {
    check(
        &with("[routing]\nrecords = \"weighted\"\n"),
        &expect![[r#"
        9 "weighted": [routing] shares users out, and only one region serves at a time; expected no such key; remove [routing], or set `routing = "active-active"` and `floor = "match"` in [failover]
    "#]],
    );
}

#[test]
fn a_check_that_is_off_cannot_be_one_s_own() {
    check(
        &with("[health]\nstandby_check = \"off\"\nstandby_check_id = \"abc\"\n"),
        &expect![[r#"
        10 "abc": `standby_check_id` names a check, and `standby_check` is off; expected no such key; remove it, or set `standby_check = "on"`
    "#]],
    );
}

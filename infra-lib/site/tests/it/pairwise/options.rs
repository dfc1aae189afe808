//! The options of a site, each with the values that change what is rendered.

/// An option: what it is called, and its values. The first is the default, and has no line in a site file.
pub struct Factor {
    pub name: &'static str,
    pub values: &'static [Value],
}

/// A value: its name, and lines for a site file, each with its table. The table of a root key is empty.
pub type Value = (&'static str, &'static [(&'static str, &'static str)]);

const fn factor(name: &'static str, values: &'static [Value]) -> Factor {
    Factor { name, values }
}

pub const FACTORS: &[Factor] = &[
    // First, so that a row without TLS does not settle the many that need it.
    factor(
        "certificate",
        &[
            ("none", &[]),
            ("managed", &[("tls", r#"certificate = "managed""#)]),
            (
                "own",
                &[
                    ("tls", r#"certificate = "own""#),
                    (
                        "tls",
                        r#"primary_arn = "arn:aws:acm:us-west-2:000000000000:certificate/abcdef11-2222-3333-4444-555555fedcba""#,
                    ),
                    (
                        "tls",
                        r#"standby_arn = "arn:aws:acm:us-east-2:000000000000:certificate/abcdef11-2222-3333-4444-555555fedcbb""#,
                    ),
                ],
            ),
        ],
    ),
    factor("redirect", &[("on", &[]), ("off", &[("tls", r#"redirect = "off""#)])]),
    factor("cloudfront", &[("off", &[]), ("on", &[("edge", r#"cloudfront = "on""#)])]),
    factor(
        "origin name",
        &[("made", &[]), ("own", &[("edge", r#"origin_hostname = "shop-origin.example.com""#)])],
    ),
    factor(
        "price class",
        &[
            ("100", &[]),
            ("200", &[("edge", r#"price_class = "PriceClass_200""#)]),
            ("all", &[("edge", r#"price_class = "PriceClass_All""#)]),
        ],
    ),
    factor(
        "failover path",
        &[("none", &[]), ("some", &[("edge", r#"failover_path = "/static/*""#)])],
    ),
    factor(
        "edge certificate",
        &[
            ("none", &[]),
            (
                "own",
                &[(
                    "edge",
                    r#"certificate_arn = "arn:aws:acm:us-east-1:000000000000:certificate/abcdef11-2222-3333-4444-555555fedcbc""#,
                )],
            ),
        ],
    ),
    factor(
        "waf",
        &[
            ("none", &[]),
            ("regional", &[("waf", r#"placement = "regional""#)]),
            ("edge", &[("waf", r#"placement = "edge""#)]),
        ],
    ),
    factor("listener port", &[("usual", &[]), ("own", &[("web", "listener_port = 8443")])]),
    factor("zones", &[("2", &[]), ("3", &[("network", "zones = 3")])]),
    factor("instances", &[("private", &[]), ("public", &[("network", r#"instances = "public""#)])]),
    factor(
        "nat",
        &[
            ("none", &[]),
            ("one", &[("network", r#"nat = "one""#)]),
            ("per-zone", &[("network", r#"nat = "per-zone""#)]),
        ],
    ),
    factor(
        "more types",
        &[
            ("none", &[]),
            ("one", &[("web", r#"more_instance_types = ["t4g.small"]"#)]),
            ("two", &[("web", r#"more_instance_types = ["t4g.small", "t4g.medium"]"#)]),
        ],
    ),
    factor(
        "on demand",
        &[
            ("all", &[]),
            ("half", &[("web", "on_demand_percent = 50")]),
            ("none", &[("web", "on_demand_percent = 0")]),
        ],
    ),
    factor(
        "image",
        &[
            ("parameter", &[]),
            (
                "own ids",
                &[
                    ("web", r#"primary_ami = "ami-0123456789abcdef0""#),
                    ("web", r#"standby_ami = "ami-0123456789abcdef1""#),
                ],
            ),
        ],
    ),
    factor("user data", &[("none", &[]), ("own", &[("web", r#"user_data = "boot.sh""#)])]),
    factor("root device", &[("xvda", &[]), ("sda1", &[("web", r#"root_device = "/dev/sda1""#)])]),
    factor("disk", &[("8", &[]), ("30", &[("web", "root_volume_gib = 30")])]),
    factor("warm pool", &[("0", &[]), ("2", &[("web", "warm_pool = 2")])]),
    factor("reserved LCUs", &[("0", &[]), ("100", &[("web", "standby_lcus = 100")])]),
    factor("session manager", &[("off", &[]), ("on", &[("web", r#"session_manager = "on""#)])]),
    factor("access logs", &[("off", &[]), ("on", &[("web", r#"access_logs = "on""#)])]),
    factor(
        "deletion protection",
        &[("off", &[]), ("on", &[("web", r#"deletion_protection = "on""#)])],
    ),
    factor("interval", &[("10s", &[]), ("30s", &[("health", r#"interval = "30s""#)])]),
    factor("alarm period", &[("1m", &[]), ("10s", &[("health", r#"alarm_period = "10s""#)])]),
    factor(
        "own checks",
        &[
            ("none", &[]),
            (
                "primary",
                &[("health", r#"primary_check_id = "abcdef11-2222-3333-4444-555555fedcba""#)],
            ),
            (
                "standby",
                &[("health", r#"standby_check_id = "abcdef11-2222-3333-4444-555555fedcbb""#)],
            ),
            (
                "all",
                &[
                    ("health", r#"primary_check_id = "abcdef11-2222-3333-4444-555555fedcba""#),
                    ("health", r#"standby_check_id = "abcdef11-2222-3333-4444-555555fedcbb""#),
                    ("health", r#"gate_check_id = "abcdef11-2222-3333-4444-555555fedcbc""#),
                ],
            ),
        ],
    ),
    factor("watch", &[("10s", &[]), ("off", &[("health", r#"watch = "off""#)])]),
    factor("standby check", &[("on", &[]), ("off", &[("health", r#"standby_check = "off""#)])]),
    factor(
        "routing",
        &[("failover", &[]), ("active-active", &[("failover", r#"routing = "active-active""#)])],
    ),
    factor(
        "floor",
        &[
            ("0", &[]),
            ("1", &[("failover", "floor = 1")]),
            ("match", &[("failover", r#"floor = "match""#)]),
        ],
    ),
    factor(
        "records",
        &[
            ("latency", &[]),
            (
                "weighted",
                &[
                    ("routing", r#"records = "weighted""#),
                    ("routing", "primary_weight = 70"),
                    ("routing", "standby_weight = 30"),
                ],
            ),
        ],
    ),
    factor("latch", &[("on", &[]), ("off", &[("failover", r#"latch = "off""#)])]),
    factor(
        "failback",
        &[
            ("automatic", &[]),
            ("approve", &[("failover", r#"failback = "approve""#)]),
            ("manual", &[("failover", r#"failback = "manual""#)]),
        ],
    ),
    factor(
        "notices",
        &[
            ("nobody", &[]),
            ("one", &[("", r#"notice_email = "ops@example.com""#)]),
            (
                "three",
                &[("", r#"notice_email = ["a@example.com", "b@example.com", "c@example.com"]"#)],
            ),
        ],
    ),
    factor(
        "webhooks",
        &[
            ("none", &[]),
            ("one", &[("", r#"notice_webhooks = ["https://hooks.example.com/a"]"#)]),
            (
                "two",
                &[(
                    "",
                    r#"notice_webhooks = ["https://hooks.example.com/a", "https://hooks.example.com/b"]"#,
                )],
            ),
        ],
    ),
    factor(
        "topics",
        &[
            ("own", &[]),
            (
                "brought",
                &[(
                    "",
                    r#"notice_topic = ["arn:aws:sns:us-east-2:000000000000:pager", "arn:aws:sns:us-east-1:000000000000:pager"]"#,
                )],
            ),
        ],
    ),
    factor(
        "organization",
        &[
            ("none", &[]),
            (
                "demands",
                &[
                    (
                        "organization",
                        r#"permissions_boundary = "arn:aws:iam::000000000000:policy/team-boundary""#,
                    ),
                    ("organization", r#"role_path = "/web-team/""#),
                    ("organization", r#"tags = { cost-centre = "4711" }"#),
                ],
            ),
        ],
    ),
    factor("dashboard", &[("off", &[]), ("on", &[("operations", r#"dashboard = "on""#)])]),
    factor(
        "concurrency",
        &[("reserved", &[]), ("none", &[("controller", r#"reserved_concurrency = "none""#)])],
    ),
    factor(
        "network of the controller",
        &[
            ("usual", &[]),
            (
                "own",
                &[
                    ("controller", r#"resolver = "10.0.0.2:53""#),
                    ("controller", r#"egress_url = "https://status.example.com/""#),
                ],
            ),
        ],
    ),
    factor(
        "replaced by",
        &[("balancer", &[]), ("machine", &[("health", r#"replace_unhealthy = "machine""#)])],
    ),
];

/// Keys whose values are numbers, names or words that no condition of a template asks for.
pub const NOT_VARIED: &[&str] = &[
    "name",
    "hostname",
    "hosted_zone_id",
    "account",
    "ca_bundle",
    "deploy_role",
    "primary",
    "standby",
    "primary_cidr",
    "standby_cidr",
    "instance_type",
    "image",
    "cpu_target_percent",
    "instance_port",
    "primary_min",
    "primary_max",
    "path",
    "threshold",
    "architecture",
    "log_retention_days",
    "failover_min",
    "capacity_max",
    "match_percent",
    "peak_hint",
    "carry_percent",
    "hold_percent",
    "starved_ticks",
    "hold_down",
    "tick",
    "drain_ticks",
    "eager",
];

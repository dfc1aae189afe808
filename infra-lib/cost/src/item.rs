//! What AWS charges for, one by one.

use std::fmt;

use serde::{Serialize, Serializer};

/// What has a price: its table in a file of prices, and how many of the smallest things one unit of its price holds, if not one.
macro_rules! items {
    ($($(#[doc = $meaning:literal])+ $name:ident = $table:literal $(, $size:literal)?;)+) => {
        /// Something that has a price of its own.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Item {
            /// A running instance of a type.
            Instance(String),
            $($(#[doc = $meaning])+ $name,)+
        }

        impl Item {
            /// Everything but the instances, whose types are AWS's to invent.
            pub const FIXED: [Self; [$($table),+].len()] = [$(Self::$name),+];

            /// Its table in a file of prices.
            #[must_use]
            pub const fn table(&self) -> &'static str {
                match self {
                    Self::Instance(_) => "instance-hour",
                    $(Self::$name => $table,)+
                }
            }

            /// How many of the smallest things one unit of its price holds.
            #[must_use]
            pub const fn unit_size(&self) -> u32 {
                match self {
                    Self::Instance(_) => 1,
                    $(Self::$name => items!(@size $($size)?),)+
                }
            }
        }
    };
    (@size) => { 1 };
    (@size $size:literal) => { $size };
}

items! {
    /// Disk space.
    Disk = "gp3-gb-month";
    /// An Application Load Balancer.
    LoadBalancer = "alb-hour";
    /// Capacity of a load balancer that is reserved.
    ReservedLcu = "alb-reserved-lcu-hour";
    /// A public IPv4 address, whoever owns it.
    PublicAddress = "public-ipv4-hour";
    /// A NAT gateway.
    NatGateway = "nat-gateway-hour";
    /// A Route 53 check of an endpoint at AWS.
    CheckAws = "check-aws";
    /// A Route 53 check of any other endpoint.
    CheckOther = "check-other";
    /// HTTPS, string match, short interval or latency of a check at AWS.
    CheckFeatureAws = "check-feature-aws";
    /// The same of any other check.
    CheckFeatureOther = "check-feature-other";
    /// Queries that a hosted zone answers; those of aliases to AWS are free.
    DnsQueries = "dns-queries", 1_000_000;
    /// A metric of an alarm.
    Alarm = "alarm";
    /// A metric of an alarm with a period below a minute.
    AlarmHighResolution = "alarm-high-resolution";
    /// A metric that AWS does not make by itself.
    CustomMetric = "custom-metric";
    /// A CloudWatch dashboard.
    Dashboard = "dashboard";
    /// Metrics that `GetMetricData` asks for.
    MetricsRead = "get-metric-data", 1_000;
    /// Other requests about metrics, such as `PutMetricData`.
    MetricRequests = "metric-request", 1_000;
    /// Runs of a function.
    FunctionRuns = "lambda-requests", 1_000_000;
    /// Time and memory of a function on Graviton.
    FunctionArm = "lambda-arm64-gb-second";
    /// Time and memory of a function on Intel or AMD.
    FunctionX86 = "lambda-x86_64-gb-second";
    /// Log lines when they come in.
    LogIngestion = "log-ingestion";
    /// Log lines while they are kept.
    LogStorage = "log-storage";
    /// Objects while they are kept.
    ObjectStorage = "s3-gb-month";
    /// Requests to SNS.
    TopicRequests = "sns-requests", 1_000_000;
    /// E-mails from SNS.
    TopicEmails = "sns-emails", 100_000;
    /// Calls of HTTPS endpoints by SNS.
    TopicWebhooks = "sns-webhooks", 1_000_000;
    /// Requests to SQS.
    QueueRequests = "sqs-requests", 1_000_000;
    /// A web ACL.
    WebAcl = "web-acl";
    /// A rule or a group of rules in a web ACL.
    WebAclRule = "web-acl-rule";
    /// Requests that a web ACL looks at.
    WebAclRequests = "web-acl-requests", 1_000_000;
    /// HTTPS requests to CloudFront.
    EdgeRequests = "cloudfront-requests", 10_000;
    /// Runs of an Express state machine.
    WorkflowRuns = "express-workflow-requests", 1_000_000;
}

/// As the heading of its table in a file of prices.
impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.table())?;
        if let Self::Instance(kind) = self { write!(f, ".\"{kind}\"") } else { Ok(()) }
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Self::Instance(kind) = self {
            return serializer.collect_str(&format_args!("{}.{kind}", self.table()));
        }
        serializer.serialize_str(self.table())
    }
}

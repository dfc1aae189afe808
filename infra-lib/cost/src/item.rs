//! What AWS charges for, one by one.

use std::fmt;

use serde::{Serialize, Serializer};

/// Something that has a price of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// A running instance of a type.
    Instance(String),
    /// Disk space.
    Disk,
    /// An Application Load Balancer.
    LoadBalancer,
    /// Capacity of a load balancer that is reserved.
    ReservedLcu,
    /// A public IPv4 address, whoever owns it.
    PublicAddress,
    /// A NAT gateway.
    NatGateway,
    /// A Route 53 check of an endpoint at AWS.
    CheckAws,
    /// A Route 53 check of any other endpoint.
    CheckOther,
    /// HTTPS, string match, short interval or latency of a check at AWS.
    CheckFeatureAws,
    /// The same of any other check.
    CheckFeatureOther,
    /// Queries that a hosted zone answers; those of aliases to AWS are free.
    DnsQueries,
    /// A metric of an alarm.
    Alarm,
    /// A metric of an alarm with a period below a minute.
    AlarmHighResolution,
    /// A metric that AWS does not make by itself.
    CustomMetric,
    /// A CloudWatch dashboard.
    Dashboard,
    /// Metrics that `GetMetricData` asks for.
    MetricsRead,
    /// Other requests about metrics, such as `PutMetricData`.
    MetricRequests,
    /// Runs of a function.
    FunctionRuns,
    /// Time and memory of a function on Graviton.
    FunctionArm,
    /// Time and memory of a function on Intel or AMD.
    FunctionX86,
    /// Log lines when they come in.
    LogIngestion,
    /// Log lines while they are kept.
    LogStorage,
    /// Objects while they are kept.
    ObjectStorage,
    /// Requests to SNS.
    TopicRequests,
    /// E-mails from SNS.
    TopicEmails,
    /// Calls of HTTPS endpoints by SNS.
    TopicWebhooks,
    /// Requests to SQS.
    QueueRequests,
    /// A web ACL.
    WebAcl,
    /// A rule or a group of rules in a web ACL.
    WebAclRule,
    /// Requests that a web ACL looks at.
    WebAclRequests,
    /// HTTPS requests to CloudFront.
    EdgeRequests,
    /// Runs of an Express state machine.
    WorkflowRuns,
}

impl Item {
    /// Everything but the instances, whose types are AWS's to invent.
    pub const FIXED: [Self; 31] = [
        Self::Disk,
        Self::LoadBalancer,
        Self::ReservedLcu,
        Self::PublicAddress,
        Self::NatGateway,
        Self::CheckAws,
        Self::CheckOther,
        Self::CheckFeatureAws,
        Self::CheckFeatureOther,
        Self::DnsQueries,
        Self::Alarm,
        Self::AlarmHighResolution,
        Self::CustomMetric,
        Self::Dashboard,
        Self::MetricsRead,
        Self::MetricRequests,
        Self::FunctionRuns,
        Self::FunctionArm,
        Self::FunctionX86,
        Self::LogIngestion,
        Self::LogStorage,
        Self::ObjectStorage,
        Self::TopicRequests,
        Self::TopicEmails,
        Self::TopicWebhooks,
        Self::QueueRequests,
        Self::WebAcl,
        Self::WebAclRule,
        Self::WebAclRequests,
        Self::EdgeRequests,
        Self::WorkflowRuns,
    ];

    /// Its table in a file of prices.
    #[must_use]
    pub const fn table(&self) -> &'static str {
        match self {
            Self::Instance(_) => "instance-hour",
            Self::Disk => "gp3-gb-month",
            Self::LoadBalancer => "alb-hour",
            Self::ReservedLcu => "alb-reserved-lcu-hour",
            Self::PublicAddress => "public-ipv4-hour",
            Self::NatGateway => "nat-gateway-hour",
            Self::CheckAws => "check-aws",
            Self::CheckOther => "check-other",
            Self::CheckFeatureAws => "check-feature-aws",
            Self::CheckFeatureOther => "check-feature-other",
            Self::DnsQueries => "dns-queries",
            Self::Alarm => "alarm",
            Self::AlarmHighResolution => "alarm-high-resolution",
            Self::CustomMetric => "custom-metric",
            Self::Dashboard => "dashboard",
            Self::MetricsRead => "get-metric-data",
            Self::MetricRequests => "metric-request",
            Self::FunctionRuns => "lambda-requests",
            Self::FunctionArm => "lambda-arm64-gb-second",
            Self::FunctionX86 => "lambda-x86_64-gb-second",
            Self::LogIngestion => "log-ingestion",
            Self::LogStorage => "log-storage",
            Self::ObjectStorage => "s3-gb-month",
            Self::TopicRequests => "sns-requests",
            Self::TopicEmails => "sns-emails",
            Self::TopicWebhooks => "sns-webhooks",
            Self::QueueRequests => "sqs-requests",
            Self::WebAcl => "web-acl",
            Self::WebAclRule => "web-acl-rule",
            Self::WebAclRequests => "web-acl-requests",
            Self::EdgeRequests => "cloudfront-requests",
            Self::WorkflowRuns => "express-workflow-requests",
        }
    }

    /// How many of the smallest things one unit of its price holds.
    #[must_use]
    pub const fn unit_size(&self) -> u32 {
        match self {
            Self::MetricsRead | Self::MetricRequests => 1_000,
            Self::TopicEmails => 100_000,
            Self::EdgeRequests => 10_000,
            Self::FunctionRuns
            | Self::DnsQueries
            | Self::TopicRequests
            | Self::TopicWebhooks
            | Self::QueueRequests
            | Self::WebAclRequests
            | Self::WorkflowRuns => 1_000_000,
            Self::Instance(_)
            | Self::Disk
            | Self::LoadBalancer
            | Self::ReservedLcu
            | Self::PublicAddress
            | Self::NatGateway
            | Self::WebAcl
            | Self::WebAclRule
            | Self::CheckAws
            | Self::CheckOther
            | Self::CheckFeatureAws
            | Self::CheckFeatureOther
            | Self::Alarm
            | Self::AlarmHighResolution
            | Self::CustomMetric
            | Self::Dashboard
            | Self::FunctionArm
            | Self::FunctionX86
            | Self::LogIngestion
            | Self::LogStorage
            | Self::ObjectStorage => 1,
        }
    }
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

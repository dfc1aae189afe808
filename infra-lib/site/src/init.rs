//! A first site file: the example, with the answers to a few questions in it.
//!
//! What the keys mean stands in one place, their table; nothing of it is repeated here.

use std::collections::BTreeMap;

use crate::config::{self, Architecture, Config, ConfigError, Values};
use crate::names::{AccountId, HostedZoneId, Hostname, NameError, Region, SiteName};

/// Where the default of `egress_url` is.
const EGRESS_REGION: &str = "eu-west-1";
/// Where it can be instead: one more than the two that a site may have.
const EGRESS_REGIONS: [&str; 3] = ["eu-central-1", "us-west-2", "ap-southeast-2"];

/// A thing that the tool cannot know.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// The flag that answers it, without dashes.
    pub flag: &'static str,
    /// What a person is asked.
    pub words: &'static str,
    /// What is meant if nothing is said. `None`: something must be said, unless the question may stay open.
    pub default: Option<&'static str>,
    /// Whether it may stay open.
    pub open: bool,
    section: &'static str,
    key: &'static str,
    read: fn(&str) -> Result<(), NameError>,
}

/// Every question, in the order in which a person is asked.
pub const QUESTIONS: [Question; 7] = [
    Question {
        flag: "name",
        words: "Name of the site: the prefix of all its stacks and resources",
        default: None,
        open: false,
        section: "",
        key: "name",
        read: |text| SiteName::parse(text).map(drop),
    },
    Question {
        flag: "hostname",
        words: "Host name that users type",
        default: None,
        open: false,
        section: "",
        key: "hostname",
        read: |text| Hostname::parse(text).map(drop),
    },
    Question {
        flag: "zone",
        words: "Id of the Route 53 hosted zone of that name",
        default: None,
        open: false,
        section: "",
        key: "hosted_zone_id",
        read: |text| HostedZoneId::parse(text).map(drop),
    },
    Question {
        flag: "primary",
        words: "Primary region",
        default: Some("us-west-2"),
        open: false,
        section: "regions",
        key: "primary",
        read: |text| Region::parse(text).map(drop),
    },
    Question {
        flag: "standby",
        words: "Standby region",
        default: Some("us-east-2"),
        open: false,
        section: "regions",
        key: "standby",
        read: |text| Region::parse(text).map(drop),
    },
    Question {
        flag: "account",
        words: "AWS account of the site; every verb refuses another one",
        default: None,
        open: true,
        section: "",
        key: "account",
        read: |text| AccountId::parse(text).map(drop),
    },
    Question {
        flag: "email",
        words: "E-mail address that gets notices",
        default: None,
        open: true,
        section: "",
        key: "notice_email",
        read: config::email,
    },
];

/// An answer that does not fit its question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`--{flag}` is not valid: `{value}`")]
#[diagnostic(code("usage"), help("{hint}"))]
pub struct AnswerError {
    /// The flag.
    pub flag: &'static str,
    /// What was said.
    pub value: String,
    /// What was expected.
    pub hint: String,
}

/// The answers to [`QUESTIONS`], each fit for its question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    given: BTreeMap<&'static str, Vec<String>>,
    architecture: Option<Architecture>,
}

impl Question {
    /// Whether a text answers it.
    ///
    /// # Errors
    /// [`AnswerError`] if it does not.
    pub fn fits(&self, text: &str) -> Result<(), AnswerError> {
        (self.read)(text).map_err(|error| {
            let hint = error.hint.map_or_else(String::new, |hint| format!("; {hint}"));
            let hint = format!("expected {}{hint}", error.expected);
            AnswerError { flag: self.flag, value: text.to_owned(), hint }
        })
    }
}

impl Answers {
    /// Takes an answer; a question may have several.
    ///
    /// # Errors
    /// [`AnswerError`] if it does not fit.
    pub fn take(&mut self, question: &Question, text: &str) -> Result<(), AnswerError> {
        question.fits(text)?;
        self.given.entry(question.flag).or_default().push(text.to_owned());
        Ok(())
    }

    /// The Lambda is built for this processor, whatever the default is: nobody is asked what the machine itself can tell.
    pub const fn build_for(&mut self, architecture: Architecture) {
        self.architecture = Some(architecture);
    }

    /// Whether a question is answered.
    #[must_use]
    pub fn has(&self, question: &Question) -> bool {
        self.given.contains_key(question.flag)
    }

    /// The questions without an answer that can neither be left open nor have a default.
    pub fn missing(&self) -> impl Iterator<Item = &'static Question> + '_ {
        let unanswered = QUESTIONS.iter().filter(|question| !self.has(question));
        unanswered.filter(|question| !question.open && question.default.is_none())
    }

    /// The site file: the example with the answers in it. What is neither answered nor open has its default.
    ///
    /// # Errors
    /// [`ConfigError`] if the answers do not go together, such as one region for both sides; and if one is missing, since
    /// nothing can stand in for it.
    pub fn site_file(&self) -> Result<String, ConfigError> {
        let mut values = Values::new();
        for question in &QUESTIONS {
            let default = question.default.map(|default| vec![default.to_owned()]);
            let given = self.given.get(question.flag).cloned().or(default);
            let given = given.or_else(|| (!question.open).then(|| vec![String::new()]));
            if let Some(given) = given {
                values.insert((question.section, question.key), given);
            }
        }
        if let Some(architecture) = self.architecture {
            values.insert(("controller", "architecture"), vec![architecture.as_str().to_owned()]);
        }
        let text = config::site_file(&values);
        let config = Config::from_toml(&text, config::FILE_NAME)?;
        let Some(url) = egress_elsewhere(&config) else { return Ok(text) };
        values.insert(("controller", "egress_url"), vec![url]);
        Ok(config::site_file(&values))
    }
}

/// An address outside of the site's regions, if the one that stands for the outside by default is not.
fn egress_elsewhere(config: &Config) -> Option<String> {
    let regions = [config.regions.primary.as_str(), config.regions.standby.as_str()];
    if !regions.contains(&EGRESS_REGION) {
        return None;
    }
    let elsewhere = EGRESS_REGIONS.into_iter().find(|region| !regions.contains(region));
    elsewhere.map(|region| format!("https://dynamodb.{region}.amazonaws.com/"))
}

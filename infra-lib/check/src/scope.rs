//! A template under examination: what rules are shown and how they tell what they find.

use std::cell::{OnceCell, RefCell};

use cfn::{Facts, Places, Template, View};

use super::catalogue::rule;
use super::excerpt::Excerpt;
use super::finding::{Finding, Severity};
use super::site_file::SiteFile;
use site::model::{Site, Stack, StackId};

/// A file with a template.
pub(super) struct Document<'a> {
    pub(super) file: String,
    pub(super) text: &'a str,
    /// The stack that it describes, if a site has it.
    stack: Option<StackId>,
    /// Found when the first finding asks: a text without findings needs none.
    places: OnceCell<Places>,
}

/// A template, and what is known of it.
pub(super) struct Scope<'a> {
    pub(super) document: &'a Document<'a>,
    pub(super) template: &'a Template,
    pub(super) facts: &'a Facts,
    pub(super) view: &'a View,
    /// The site that it is a part of, if it is.
    pub(super) part: Option<Part<'a>>,
    findings: RefCell<Vec<Finding>>,
}

/// A stack of a site.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) site: &'a Site,
    pub(super) stack: &'a Stack,
    pub(super) site_file: Option<&'a SiteFile>,
}

impl<'a> Document<'a> {
    pub(super) fn new(file: String, text: &'a str, stack: Option<StackId>) -> Self {
        Self { file, text, stack, places: OnceCell::new() }
    }

    fn excerpt(&self, place: &str) -> Option<Excerpt> {
        let places = self.places.get_or_init(|| Places::of(self.text));
        places.find(place).map(|span| Excerpt::new(self.text, span))
    }

    /// A finding in this file.
    pub(super) fn finding(
        &self,
        id: &str,
        place: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Finding {
        let rule = rule(id).expect("every rule is in the catalogue; a test breaks each");
        let place = place.into();
        Finding {
            severity: rule.severity,
            rule: rule.id,
            stack: self.stack,
            file: self.file.clone(),
            excerpt: self.excerpt(&place),
            place,
            message: message.into(),
            fix: fix.into(),
        }
    }
}

impl<'a> Scope<'a> {
    pub(super) fn new(
        document: &'a Document<'a>,
        template: &'a Template,
        facts: &'a Facts,
        view: &'a View,
        part: Option<Part<'a>>,
    ) -> Self {
        Self { document, template, facts, view, part, findings: RefCell::default() }
    }

    /// Where the template will be deployed.
    pub(super) fn region(&self) -> &str {
        &self.facts.region
    }

    /// Notes what a rule finds in this file.
    pub(super) fn tell(
        &self,
        id: &str,
        place: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.report(self.document.finding(id, place, message, fix));
    }

    /// The same where it can be deployed if `condition` holds.
    pub(super) fn tell_or_warn(&self, condition: bool, finding: Finding) {
        let severity = if condition { Severity::Warning } else { finding.severity };
        self.report(Finding { severity, ..finding });
    }

    pub(super) fn report(&self, finding: Finding) {
        self.findings.borrow_mut().push(finding);
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings.into_inner()
    }

    /// Notes what is wrong with the value of a parameter: in the site file, if that gives the value, and else in the template.
    pub(super) fn tell_of_given(
        &self,
        id: &str,
        parameter: &str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let mut finding =
            self.document.finding(id, format!("Parameters.{parameter}"), message, fix);
        let site_file = self.part.and_then(|part| part.site_file);
        if let Some((file, key, excerpt)) = site_file.and_then(|file| file.setting(parameter)) {
            let place = format!("{key}, {}", finding.place);
            finding = Finding { file, place, excerpt: Some(excerpt), ..finding };
        }
        self.report(finding);
    }
}

//! A template under examination: what rules are shown and how they tell what they find.

use std::cell::OnceCell;

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

impl Scope<'_> {
    /// Where the template will be deployed.
    pub(super) fn region(&self) -> &str {
        &self.facts.region
    }

    /// A finding about the value of a parameter: in the site file, if that gives the value, and else in the template.
    pub(super) fn given(
        &self,
        id: &str,
        parameter: &str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Finding {
        let place = format!("Parameters.{parameter}");
        let finding = self.document.finding(id, place, message, fix);
        let site_file = self.part.and_then(|part| part.site_file);
        match site_file.and_then(|file| file.setting(parameter)) {
            Some((file, key, excerpt)) => {
                let place = format!("{key}, {}", finding.place);
                Finding { file, place, excerpt: Some(excerpt), ..finding }
            }
            None => finding,
        }
    }
}

impl Finding {
    /// The same finding as one that can be deployed.
    pub(super) fn warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }
}

//! The catalogue, `templates/README.md`. Its middle is made here from what templates, model and prices say themselves;
//! `UPDATE_EXPECT=1 cargo test --package site catalogue::` writes it anew. What stands around the middle is written by hand.

#![expect(clippy::panic, reason = "helpers of tests fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use cost::{MONTH_HOURS, Prices, Report, StackBill};
use expect_test::expect_file;
use serde_norway::Value;
use site::config::Config;
use site::model::{Site, Source, Stack, StackId};
use site::names::Region;

use super::golden::{SITES, named};

const BEGIN: &str =
    "<!-- The catalogue begins: made by `infra-lib/site/tests/it/catalogue.rs`, not by hand. -->\n";
const END: &str = "<!-- The catalogue ends. -->\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Goal: nothing in the catalogue is stale. Method: it is made anew and compared.
#[test]
fn the_catalogue_says_what_the_templates_say() {
    let file = root().join("templates/README.md");
    let text = std::fs::read_to_string(&file).expect("the catalogue can be read");
    let parts =
        text.split_once(BEGIN).and_then(|(head, rest)| Some((head, rest.split_once(END)?.1)));
    let (head, tail) = parts.expect("the catalogue has a mark where its middle begins and ends");
    let middle = Catalogue::read().to_string();
    expect_file![file].assert_eq(&format!("{head}{BEGIN}\n{middle}{END}{tail}"));
}

/// Everything that the catalogue is made from.
struct Catalogue {
    templates: Vec<Template>,
    /// Sites whose prices are shown.
    cheapest: Priced,
    richest: Priced,
    /// Which parameters an output feeds: by stack and output, `stack.Parameter`.
    feeds: BTreeMap<(StackId, String), BTreeSet<String>>,
    /// What each stack is given, over all sites.
    given: BTreeMap<(StackId, String), BTreeSet<String>>,
}

/// A template and the stacks that are made from it.
struct Template {
    name: &'static str,
    text: String,
    root: Value,
    stacks: Vec<StackId>,
}

struct Priced {
    site: Site,
    report: Report,
}

impl Priced {
    fn new(name: &str) -> Self {
        let site = named(name);
        let report = Report::new(&site, &Prices::built_in(), MONTH_HOURS);
        Self { report: report.unwrap_or_else(|error| panic!("{name}: {error}")), site }
    }

    fn bill(&self, stack: StackId) -> Option<&StackBill> {
        self.report.bill.stacks.iter().find(|bill| bill.stack == stack)
    }
}

impl Catalogue {
    fn read() -> Self {
        // The rows of the covering array have every way in which one stack feeds another.
        let rows = std::fs::read_dir(root().join("infra-lib/site/tests/pairwise"))
            .expect("the rows can be read");
        let rows = rows.map(|row| row.expect("an entry can be read").path());
        let rows = rows.filter(|path| path.extension().is_some_and(|found| found == "toml"));
        let rows = rows.map(|path| Site::new(Config::load(&path).expect("a row is valid")));
        let sites: Vec<Site> = SITES.into_iter().map(named).chain(rows).collect();
        let mut templates: Vec<Template> = Vec::new();
        let (mut feeds, mut given) = (BTreeMap::new(), BTreeMap::new());
        for stack in sites.iter().flat_map(|site| &site.stacks) {
            note(stack, &mut feeds, &mut given);
            match templates.iter_mut().find(|template| template.name == stack.template.name) {
                Some(template) if template.stacks.contains(&stack.id) => {}
                Some(template) => template.stacks.push(stack.id),
                None => templates.push(Template::new(stack)),
            }
        }
        templates.sort_by_key(|template| template.stacks[0]);
        let (cheapest, richest) = (Priced::new("minimal"), Priced::new("everything"));
        Self { templates, cheapest, richest, feeds, given }
    }

    fn overview(&self, text: &mut String) -> std::fmt::Result {
        let sum = |priced: &Priced| priced.report.bill.monthly.cents();
        let failover = self.cheapest.report.bill.monthly.cents();
        writeln!(text, "| stack | template | region | wave | `minimal` | `everything` | needs |")?;
        writeln!(text, "|---|---|---|---|---|---|---|")?;
        for template in &self.templates {
            for stack in &template.stacks {
                let price = |priced: &Priced| {
                    let bill = priced.bill(*stack);
                    bill.map_or("–".to_owned(), |bill| format!("${}", bill.monthly.cents()))
                };
                let (wave, name) = (stack.wave(), template.name);
                let (region, needs) = (self.region(*stack), self.needs(*stack));
                let (least, most) = (price(&self.cheapest), price(&self.richest));
                writeln!(
                    text,
                    "| {stack} | [{name}]({name}.yaml) | {region} | {wave} | {least} | {most} | {needs} |"
                )?;
            }
        }
        writeln!(text, "| all | | | | ${} | ${} | |\n", sum(&self.cheapest), sum(&self.richest))?;
        let alone = self.cheapest.report.bill.primary_alone.cents();
        writeln!(
            text,
            "Dollars a month of {MONTH_HOURS} hours for the sites `minimal` and `everything` of `sites/`, \
             at the list prices of {date}, without traffic and taxes; `cargo xtask cost` tells yours. The primary region alone would be ${alone} of the ${failover}.\n",
            date = self.cheapest.report.prices_date
        )
    }

    fn region(&self, stack: StackId) -> &'static str {
        let site = &self.richest.site;
        let region = site.stacks.iter().find(|other| other.id == stack).map(|found| &found.region);
        match region {
            Some(region) if *region == Region::detector() => "us-east-1",
            Some(region) if region == site.primary_region() => "primary",
            Some(_) => "standby",
            None => panic!("the site with everything has no {stack}"),
        }
    }

    /// The stacks whose outputs it takes.
    fn needs(&self, stack: StackId) -> String {
        let prefix = format!("{stack}.");
        let parents =
            self.feeds.iter().filter(|(_, fed)| fed.iter().any(|name| name.starts_with(&prefix)));
        let parents: BTreeSet<&str> = parents.map(|((parent, _), _)| parent.as_str()).collect();
        if parents.is_empty() {
            "–".to_owned()
        } else {
            parents.into_iter().collect::<Vec<_>>().join(", ")
        }
    }

    fn section(&self, template: &Template, text: &mut String) -> std::fmt::Result {
        writeln!(text, "## {}", template.name)?;
        writeln!(text, "{} {}\n", template.title(), template.header("Holds"))?;
        writeln!(text, "| parameter | default | from | meaning |\n|---|---|---|---|")?;
        for (name, parameter) in entries(&template.root, "Parameters") {
            let meaning = [&parameter["Description"], &parameter["ConstraintDescription"]];
            let meaning: Vec<_> =
                meaning.iter().filter_map(|words| words.as_str()).map(cell).collect();
            let default = default(&parameter["Default"]);
            let from = self.from(template, &name);
            writeln!(text, "| {name} | {default} | {from} | {} |", meaning.join(" "))?;
        }
        writeln!(text)?;
        writeln!(text, "| output | feeds | meaning |\n|---|---|---|")?;
        for (name, output) in entries(&template.root, "Outputs") {
            let meaning = cell(output["Description"].as_str().unwrap_or_default());
            writeln!(text, "| {name} | {} | {meaning} |", self.fed(template, &name))?;
        }
        writeln!(text, "\n**Costs** {}", self.costs(template))?;
        writeln!(text, "**Fails** {}\n", template.header("Fails"))
    }

    /// Where the values of a parameter come from.
    fn from(&self, template: &Template, parameter: &str) -> String {
        let sources = template
            .stacks
            .iter()
            .filter_map(|stack| self.given.get(&(*stack, parameter.to_owned())));
        let sources: BTreeSet<&str> = sources.flatten().map(String::as_str).collect();
        if sources.is_empty() {
            "you".to_owned()
        } else {
            sources.into_iter().collect::<Vec<_>>().join(", ")
        }
    }

    fn fed(&self, template: &Template, output: &str) -> String {
        let fed =
            template.stacks.iter().filter_map(|stack| self.feeds.get(&(*stack, output.to_owned())));
        let fed: BTreeSet<&str> = fed.flatten().map(String::as_str).collect();
        if fed.is_empty() {
            "–".to_owned()
        } else {
            fed.into_iter().collect::<Vec<_>>().join(", ")
        }
    }

    /// The lines of the bill, of the cheapest site that has the stack.
    fn costs(&self, template: &Template) -> String {
        let stack = template.stacks[0];
        let (name, priced, bill) = [("minimal", &self.cheapest), ("everything", &self.richest)]
            .into_iter()
            .find_map(|(name, priced)| Some((name, priced, priced.bill(stack)?)))
            .expect("one of the two has it");
        let mut resources: Vec<(&str, Vec<String>)> = Vec::new();
        for line in bill.lines.iter().filter(|line| line.monthly.cents() != "0.00") {
            let words = format!("{} ${}", line.what, line.monthly.cents());
            match resources.last_mut() {
                Some((resource, lines)) if *resource == line.resource => lines.push(words),
                Some(_) | None => resources.push((&line.resource, vec![words])),
            }
        }
        let mut words: Vec<String> = resources
            .iter()
            .map(|(name, lines)| format!("{name} ({})", lines.join("; ")))
            .collect();
        let by_use = priced.report.bill.on_use.iter().filter(|one| one.stack == stack);
        let by_use = by_use.map(|one| {
            format!("{} (${} per {}, when used)", one.resource, one.unit_price, one.unit)
        });
        words.extend(by_use);
        if words.is_empty() {
            return format!("nothing in the site `{name}`.");
        }
        let sum = bill.monthly.cents();
        format!("${sum} as {stack} of the site `{name}`: {}.", words.join(", "))
    }
}

impl std::fmt::Display for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        self.overview(&mut text)?;
        for template in &self.templates {
            self.section(template, &mut text)?;
        }
        f.write_str(&text)
    }
}

/// Notes what a stack is given, and by whom.
fn note(
    stack: &Stack,
    feeds: &mut BTreeMap<(StackId, String), BTreeSet<String>>,
    given: &mut BTreeMap<(StackId, String), BTreeSet<String>>,
) {
    for (parameter, source) in &stack.parameters {
        let from = match source {
            Source::Literal(_) => "site file".to_owned(),
            Source::CodeKey => "the packaged function".to_owned(),
            Source::Output { stack: parent, name } => {
                let fed = feeds.entry((*parent, name.to_string())).or_default();
                fed.insert(format!("{}.{parameter}", stack.id));
                format!("{parent}.{name}")
            }
        };
        given.entry((stack.id, parameter.to_string())).or_default().insert(from);
    }
}

impl Template {
    fn new(stack: &Stack) -> Self {
        let text = stack.template.body.to_string();
        let root = serde_norway::from_str(&text).expect("a template is YAML");
        Self { name: stack.template.name, text, root, stacks: vec![stack.id] }
    }

    /// The first sentence of the comment at its head.
    fn title(&self) -> String {
        let lines = self.comment().into_iter().take_while(|line| !line.is_empty());
        let title = lines.collect::<Vec<_>>().join(" ");
        title.split_once(": ").map_or(title.clone(), |(_, words)| capital(words))
    }

    /// What follows a word of the comment at its head, such as `Fails:`.
    fn header(&self, word: &str) -> String {
        let lines = self.comment().into_iter();
        let mut lines = lines.skip_while(|line| !line.starts_with(&format!("{word}:")));
        let first =
            lines.next().unwrap_or_else(|| panic!("{}: no `{word}:` at its head", self.name));
        let rest = lines.take_while(|line| line.starts_with(' '));
        let words: Vec<&str> =
            std::iter::once(&first[word.len() + 1..]).chain(rest).map(str::trim).collect();
        capital(&words.join(" "))
    }

    fn comment(&self) -> Vec<&str> {
        let lines = self.text.lines().map_while(|line| line.strip_prefix('#'));
        lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect()
    }
}

fn entries(root: &Value, section: &str) -> Vec<(String, Value)> {
    let section = root[section].as_mapping().cloned().unwrap_or_default();
    section
        .into_iter()
        .map(|(name, value)| (name.as_str().unwrap_or_default().to_owned(), value))
        .collect()
}

fn default(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        Value::String(text) => format!("`{text}`"),
        Value::Number(number) => format!("`{number}`"),
        Value::Bool(_) | Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => {
            panic!("no default of a parameter: {value:?}")
        }
    }
}

/// A text without what would end a cell of a table.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

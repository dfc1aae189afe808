//! The prices: the file in the repository, and what an operator or AWS puts over it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use miette::{NamedSource, SourceSpan};
use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use site::names::Region;

use super::error::{CostError, PricesError};
use super::item::Item;
use super::money::Price;

/// The file that is built in.
const BUILT_IN: &str = include_str!("../prices.toml");
const BUILT_IN_NAME: &str = "infra-lib/cost/prices.toml";
/// The key for every region that is not named.
const ANY: &str = "any";
/// Keys of a table that are not regions.
const ABOUT: [&str; 4] = ["unit", "source", "note", "seen"];

/// What everything costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices {
    /// The day on which the built-in prices were gathered.
    pub date: String,
    about: BTreeMap<&'static str, About>,
    amounts: BTreeMap<(Item, String), Amount>,
}

/// What a price is for and where AWS says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct About {
    unit: String,
    source: String,
}

/// A price and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// For one unit.
    pub price: Price,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a price comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The built-in file, and it was found in a copy of AWS's page or price list.
    Seen,
    /// The built-in file, from memory.
    Unseen,
    /// The operator's own file.
    Given,
    /// AWS's price list, asked for it just now.
    Live,
}

impl Prices {
    /// The prices of the repository.
    ///
    /// # Panics
    /// Never: the tests read the same file.
    #[must_use]
    pub fn built_in() -> Self {
        let mut prices =
            Self { date: String::new(), about: BTreeMap::new(), amounts: BTreeMap::new() };
        let read = Reader { name: BUILT_IN_NAME, text: BUILT_IN, own: false }.read(&mut prices);
        read.expect("the built-in prices are valid");
        prices
    }

    /// These prices with those of a file over them.
    ///
    /// # Errors
    /// [`CostError::Read`] if there is no such file, and what [`Prices::overridden`] returns.
    pub fn overridden_by(self, path: &Path) -> Result<Self, CostError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| CostError::Read { path: path.to_owned(), source })?;
        self.overridden(&text, &path.display().to_string())
    }

    /// These prices with those of a text over them; `name` is what problems call it.
    ///
    /// # Errors
    /// [`CostError::Prices`] with the first thing that is wrong in it.
    pub fn overridden(mut self, text: &str, name: &str) -> Result<Self, CostError> {
        Reader { name, text, own: true }.read(&mut self)?;
        Ok(self)
    }

    /// What something costs in a region.
    ///
    /// # Errors
    /// [`CostError::Missing`] if nobody said.
    pub fn of(&self, item: &Item, region: &Region) -> Result<Amount, CostError> {
        let found = [region.as_str(), ANY]
            .into_iter()
            .find_map(|place| self.amounts.get(&(item.clone(), place.to_owned())));
        found.copied().ok_or_else(|| {
            let About { unit, source } = self.about.get(item.table()).cloned().unwrap_or_default();
            let (item, region) = (item.clone(), region.clone());
            CostError::Missing { item, region, unit, source_url: source }
        })
    }

    /// What a price of it is for: `GB-month`.
    #[must_use]
    pub fn unit(&self, item: &Item) -> &str {
        self.about.get(item.table()).map_or("unit", |about| about.unit.as_str())
    }

    /// Puts a price for one region.
    pub fn put(&mut self, item: &Item, place: &str, price: Price, origin: Origin) {
        self.amounts.insert((item.clone(), place.to_owned()), Amount { price, origin });
    }
}

/// A file of prices while it is read.
struct Reader<'a> {
    name: &'a str,
    text: &'a str,
    /// It is the operator's own.
    own: bool,
}

impl Reader<'_> {
    fn read(&self, prices: &mut Prices) -> Result<(), CostError> {
        let table = DeTable::parse(self.text).map_err(|error| {
            let message = format!("`{}` is not TOML", self.name);
            let expected = error.message().replace('\n', ", ");
            self.wrong(error.span().unwrap_or(0..0), message, &expected, "correct it there")
        })?;
        for (key, value) in table.get_ref() {
            let name = key.get_ref().as_ref();
            if name == "date" {
                let date = self.text_of(name, value)?;
                if !self.own {
                    prices.date = date;
                }
                continue;
            }
            let entries = value.get_ref().as_table();
            if name == Item::Instance(String::new()).table() {
                let entries = entries.ok_or_else(|| self.no_table(name, value))?;
                self.read_instances(entries, prices)?;
                continue;
            }
            let Some(item) = Item::FIXED.into_iter().find(|item| item.table() == name) else {
                return Err(self.unknown_price(key.span(), name));
            };
            let entries = entries.ok_or_else(|| self.no_table(name, value))?;
            let seen = self.read_about(&item, entries, prices)?;
            self.read_regions(&item, entries, &seen, prices)?;
        }
        Ok(())
    }

    fn read_instances(&self, entries: &DeTable<'_>, prices: &mut Prices) -> Result<(), CostError> {
        let seen = self.read_about(&Item::Instance(String::new()), entries, prices)?;
        for (key, value) in entries {
            let kind = key.get_ref().as_ref();
            if ABOUT.contains(&kind) {
                continue;
            }
            let Some(regions) = value.get_ref().as_table().filter(|_| kind.contains('.')) else {
                let message = format!("`{kind}` is no instance type with its regions");
                let hint = "a type in quotes has a table: [instance-hour.\"t4g.micro\"]";
                return Err(self.wrong(key.span(), message, "expected an instance type", hint));
            };
            // A type may say for itself where it was seen.
            let own =
                if regions.contains_key("seen") { list(regions, "seen") } else { seen.clone() };
            self.read_regions(&Item::Instance(kind.to_owned()), regions, &own, prices)?;
        }
        Ok(())
    }

    /// Reads what a table says beside its amounts; answers the regions whose amount was seen.
    fn read_about(
        &self,
        item: &Item,
        entries: &DeTable<'_>,
        prices: &mut Prices,
    ) -> Result<Vec<String>, CostError> {
        let about = prices.about.entry(item.table()).or_default();
        for (name, place) in [("unit", &mut about.unit), ("source", &mut about.source)] {
            let Some(value) = entries.get(name) else { continue };
            let text = self.text_of(name, value)?;
            if self.own && name == "unit" && text != *place {
                let message = format!("`{}` is not priced by the {text}", item.table());
                let expected = format!("expected `{place}`");
                let hint = "convert the amount, or leave `unit` out";
                return Err(self.wrong(value.span(), message, &expected, hint));
            }
            if !self.own {
                *place = text;
            }
        }
        Ok(list(entries, "seen"))
    }

    fn read_regions(
        &self,
        item: &Item,
        entries: &DeTable<'_>,
        seen: &[String],
        prices: &mut Prices,
    ) -> Result<(), CostError> {
        if self.own && entries.contains_key(ANY) {
            // Whoever says "every region" means the built-in ones too.
            prices.amounts.retain(|(priced, _), _| priced != item);
        }
        for (key, value) in entries {
            let place = key.get_ref().as_ref();
            if ABOUT.contains(&place) {
                continue;
            }
            if place != ANY && Region::parse(place).is_err() {
                let message = format!("`{place}` of [{item}] is no region");
                let expected = format!("expected a region such as `us-east-2`, or `{ANY}`");
                let hint = format!("beside regions, a price has {}", ABOUT.join(", "));
                return Err(self.wrong(key.span(), message, &expected, &hint));
            }
            let amount = value.get_ref().as_str().and_then(Price::parse);
            let price = amount.ok_or_else(|| {
                let message = format!("`{place}` of [{item}] is no amount of dollars");
                let expected = "expected a text such as \"0.0225\"";
                let hint =
                    "write it in quotes, without a sign or an exponent, with ten decimals at most";
                self.wrong(value.span(), message, expected, hint)
            })?;
            let in_list = seen.iter().any(|seen| seen == place);
            let origin = match (self.own, in_list) {
                (true, _) => Origin::Given,
                (false, true) => Origin::Seen,
                (false, false) => Origin::Unseen,
            };
            prices.put(item, place, price, origin);
        }
        Ok(())
    }

    fn text_of(&self, name: &str, value: &Spanned<DeValue<'_>>) -> Result<String, CostError> {
        let text = value.get_ref().as_str().map(ToOwned::to_owned);
        text.ok_or_else(|| {
            let message = format!("`{name}` is not a text");
            self.wrong(value.span(), message, "expected a text in quotes", "put it in quotes")
        })
    }

    fn no_table(&self, name: &str, value: &Spanned<DeValue<'_>>) -> CostError {
        let message = format!("`{name}` has no regions");
        let hint = format!("a price has a table:\n\n[{name}]\nus-east-2 = \"0.00\"");
        self.wrong(value.span(), message, "expected a table", &hint)
    }

    fn unknown_price(&self, span: Range<usize>, name: &str) -> CostError {
        // Above this similarity the Jaro-Winkler measure finds slips of the finger and little else.
        const SIMILAR: f64 = 0.8;
        let known = Item::FIXED.map(|item| item.table());
        let known = known.into_iter().chain([Item::Instance(String::new()).table()]);
        let scored = known.clone().map(|known| (strsim::jaro_winkler(name, known), known));
        let best = scored.max_by(|a, b| a.0.total_cmp(&b.0));
        let hint = match best {
            Some((score, nearest)) if score >= SIMILAR => format!("did you mean `{nearest}`?"),
            _ => format!("the prices are {}", known.collect::<Vec<_>>().join(", ")),
        };
        let message = format!("there is no price called `{name}`");
        self.wrong(span, message, "expected the name of a price", &hint)
    }

    fn wrong(&self, span: Range<usize>, message: String, expected: &str, hint: &str) -> CostError {
        CostError::Prices(Box::new(PricesError {
            message,
            expected: expected.to_owned(),
            hint: hint.to_owned(),
            text: NamedSource::new(self.name, self.text.to_owned()),
            span: SourceSpan::from(span),
        }))
    }
}

/// The texts of a list; nothing if there is none.
fn list(entries: &DeTable<'_>, name: &str) -> Vec<String> {
    let items = entries.get(name).and_then(|value| value.get_ref().as_array());
    let texts = items.into_iter().flatten().filter_map(|item| item.get_ref().as_str());
    texts.map(ToOwned::to_owned).collect()
}

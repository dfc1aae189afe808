//! The report as an operator reads it.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use super::bill::{Bill, Line, OnUse, StackBill};
use super::draft::When;
use super::fleet::{Crossover, FLEETS};
use super::money::Money;
use super::prices::Origin;
use super::strategy::StrategyCost;
use super::{AlternativeCost, Listed, Report};

/// Width of the sentences below the tables, if nobody asks for less. Units: characters.
const WIDTH: usize = 100;
/// Width of a sum. Units: characters.
const SUM: usize = 9;

/// The formatter's width is that of the page, as in `{report:40}`: where a table does not fit, its rows are told as sentences.
impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { site, month_hours, bill, strategy, .. } = self;
        let monthly = bill.monthly.cents();
        let head = format!("site {site}, {strategy}: ${monthly} in a month of {month_hours} hours");
        paragraph(f, "", &head)?;
        let (alone, failover) = (bill.primary_alone.cents(), bill.failover().cents());
        paragraph(
            f,
            "",
            &format!("${alone} of it is the primary region, ${failover} the failover"),
        )?;
        self.stacks(f)?;
        writeln!(f)?;
        self.comparison().fmt(f)?;
        writeln!(f)?;
        self.notes(f)
    }
}

impl Report {
    /// The strategies side by side, for this site and for other sizes of its primary.
    #[must_use]
    pub fn comparison(&self) -> impl Display + '_ {
        fmt::from_fn(|f| {
            let narrow = f.width().is_some_and(|page| page < COMPARISON);
            if narrow { self.compare_narrow(f) } else { self.compare(f) }
        })
    }

    fn stacks(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let widest = |width: fn(&Line) -> usize| self.bill.lines().map(width).max().unwrap_or(0);
        let widths = Widths {
            resource: widest(|line| line.resource.chars().count()),
            what: widest(|line| line.what.chars().count()),
            price: widest(|line| line.unit_price.to_string().len()),
            unit: widest(|line| line.unit.chars().count()),
            quantity: widest(|line| line.quantity.to_string().len()),
        };
        let is_narrow = f.width().is_some_and(|page| page < widths.row() + SUM + " ?".len());
        for stack in self.bill.stacks.iter().filter(|stack| !stack.lines.is_empty()) {
            let StackBill { stack, region, monthly, lines } = stack;
            if is_narrow {
                writeln!(f)?;
                paragraph(f, "", &format!("{stack}, {region}: {}", monthly.cents()))?;
                lines.iter().try_for_each(|line| paragraph(f, "  ", &sentence(line)))?;
                continue;
            }
            let (title, width) = (format!("{stack}, {region}"), widths.row());
            writeln!(f, "\n{title:<width$}{:>SUM$}", monthly.cents())?;
            lines.iter().try_for_each(|line| widths.line(f, line))?;
        }
        Ok(())
    }

    fn notes(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Bill { free, on_use, .. } = &self.bill;
        let free = free.iter().map(|found| {
            let kind = found.kind.trim_start_matches("AWS::");
            if found.resources == 1 {
                kind.to_owned()
            } else {
                format!("{kind}×{}", found.resources)
            }
        });
        note(f, "free", "", [free.collect::<Vec<_>>().join(", ")])?;
        note(f, "usage-based; zero unless a failover happens", "- ", used(on_use, When::Event))?;
        note(f, "by what users do, which is left out", "- ", used(on_use, When::Traffic))?;
        note(f, "assumed", "- ", self.assumed.iter().cloned())?;
        note(f, "left out", "- ", self.left_out.iter().map(|&left| left.to_owned()))?;
        let lines = |wanted: &[Origin]| {
            self.bill.lines().filter(|line| wanted.contains(&line.origin)).count()
        };
        let prices = [
            (lines(&[Origin::Seen, Origin::Unseen]), format!("of {}", self.prices_date)),
            (lines(&[Origin::Given]), "of your own file".to_owned()),
            (lines(&[Origin::Live]), "told by AWS just now".to_owned()),
        ];
        let prices = prices.into_iter().filter(|(lines, _)| *lines > 0);
        note(f, "prices", "- ", prices.map(|(lines, of)| format!("{lines} lines: {of}")))?;
        note(f, "? = not compared with any text of AWS", "- ", unseen(&self.unseen))
    }
}

/// Widths of the columns of a line. Units: characters.
struct Widths {
    resource: usize,
    what: usize,
    price: usize,
    unit: usize,
    quantity: usize,
}

impl Widths {
    /// All of a line before its sum.
    const fn row(&self) -> usize {
        let Self { resource, what, price, unit, quantity } = self;
        // The spaces and words between them.
        *resource + *what + *price + *unit + *quantity + "    ".len() + "   per  × ".len()
    }

    fn line(&self, f: &mut Formatter<'_>, line: &Line) -> fmt::Result {
        let Self { resource, what, price, unit, quantity } = *self;
        write!(f, "  {:<resource$}  {:<what$}  ", line.resource, line.what)?;
        write!(f, "{:>price$} per {:<unit$} × ", line.unit_price, line.unit)?;
        let mark = mark(line.origin);
        writeln!(f, "{:>quantity$}{:>SUM$}{mark}", line.quantity, line.monthly.cents())
    }
}

/// A line of the bill for a page that is too narrow for its columns.
fn sentence(line: &Line) -> String {
    let Line { resource, what, unit_price, unit, quantity, monthly, origin, .. } = line;
    let (sum, mark) = (monthly.cents(), mark(*origin));
    format!("{resource}, {what}: {unit_price} per {unit} × {quantity} = {sum}{mark}")
}

/// Width of the comparison's tables. Units: characters.
const COMPARISON: usize = 88;

impl Report {
    fn compare(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { strategies, alternatives, fleets, crossovers, .. } = self;
        writeln!(f, "{:<28}  primary  standby  a month  over pilot light", "side by side")?;
        for StrategyCost { strategy, configured, primary, standby, monthly, over_pilot_light } in
            strategies
        {
            let name = format!("{strategy}{}", if *configured { ", configured" } else { "" });
            let (monthly, over) = (monthly.cents(), over_pilot_light.cents());
            writeln!(f, "  {name:<26}  {primary:>7}  {standby:>7}  {monthly:>7}  {over:>16}")?;
        }
        writeln!(f, "\n{:<28}  a month  more than now", "one setting changed")?;
        for AlternativeCost { setting, monthly, more } in alternatives {
            writeln!(f, "  {setting:<26}  {:>7}  {:>13}", monthly.cents(), more.cents())?;
        }
        write!(f, "\n{:<28}", "by instances of the primary")?;
        for cost in strategies {
            write!(f, "  {:>13}", cost.strategy)?;
        }
        for row in fleets {
            write!(f, "\n{:>28}", row.primary)?;
            row.monthly.iter().try_for_each(|monthly| write!(f, "  {:>13}", monthly.cents()))?;
        }
        writeln!(f, "\n")?;
        crossovers.iter().try_for_each(|crossover| writeln!(f, "{crossover}"))
    }

    /// The same as sentences.
    fn compare_narrow(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { strategies, alternatives, fleets, crossovers, .. } = self;
        writeln!(f, "side by side")?;
        for StrategyCost { strategy, configured, primary, standby, monthly, over_pilot_light } in
            strategies
        {
            let configured = if *configured { ", configured" } else { "" };
            let (monthly, over) = (monthly.cents(), over_pilot_light.cents());
            let sizes = format!("primary {primary}, standby {standby}");
            let sums = format!("{monthly} a month, {over} over pilot light");
            paragraph(f, "  ", &format!("{strategy}{configured}: {sizes}, {sums}"))?;
        }
        writeln!(f, "\none setting changed")?;
        for AlternativeCost { setting, monthly, more } in alternatives {
            let (monthly, more) = (monthly.cents(), compared(*more));
            paragraph(f, "  ", &format!("{setting}: ${monthly} a month, {more}"))?;
        }
        writeln!(f, "\nby instances of the primary")?;
        for row in fleets {
            let sums = strategies.iter().zip(&row.monthly);
            let sums = sums.map(|(cost, monthly)| format!("{} {}", monthly.cents(), cost.strategy));
            let sums = sums.collect::<Vec<_>>().join("; ");
            paragraph(f, "  ", &format!("{}: {sums}", row.primary))?;
        }
        writeln!(f)?;
        crossovers.iter().try_for_each(|crossover| paragraph(f, "", &crossover.to_string()))
    }
}

impl Display for Crossover {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { one, other, from, more, more_at_most } = self;
        let instances = if *from == 1 { "instance" } else { "instances" };
        write!(f, "{one}: {} than {other}, from {from} primary {instances} up", compared(*more))?;
        if more == more_at_most {
            return Ok(());
        }
        write!(f, "; {} at {}", compared(*more_at_most), FLEETS[FLEETS.len() - 1])
    }
}

/// `$8.87 more`, `$1.06 less`.
fn compared(more: Money) -> String {
    if more < Money::default() {
        return format!("${} less", (Money::default() - more).cents());
    }
    format!("${} more", more.cents())
}

impl Display for Listed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.price, self.region)
    }
}

/// Each price by use, with what is charged for by it.
fn used(on_use: &[OnUse], when: When) -> Vec<String> {
    let mut used: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in on_use.iter().filter(|one| one.when == when) {
        let price = format!("{} per {}{}", one.unit_price, one.unit, mark(one.origin));
        used.entry(price).or_default().push(format!("{} {}", one.stack, one.resource));
    }
    used.into_iter().map(|(price, of)| format!("{price}: {}", of.join(", "))).collect()
}

const fn mark(origin: Origin) -> &'static str {
    match origin {
        Origin::Unseen => " ?",
        Origin::Seen | Origin::Given | Origin::Live => "",
    }
}

/// Each price with its regions.
fn unseen(listed: &[Listed]) -> Vec<String> {
    let mut regions: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for Listed { price, region } in listed {
        regions.entry(price.to_string()).or_default().push(region.as_str());
    }
    let regions =
        regions.into_iter().map(|(price, regions)| format!("{price} in {}", regions.join(", ")));
    regions.collect()
}

/// A heading with its points; nothing without points.
fn note(
    f: &mut Formatter<'_>,
    title: &str,
    bullet: &str,
    points: impl IntoIterator<Item = String>,
) -> fmt::Result {
    let mut points = points.into_iter().filter(|point| !point.is_empty()).peekable();
    if points.peek().is_none() {
        return Ok(());
    }
    paragraph(f, "", title)?;
    let start = format!("  {bullet}");
    points.try_for_each(|point| broken(f, &start, start.len(), &point))
}

/// A text, broken at spaces; its lines after the first begin a little to the right.
fn paragraph(f: &mut Formatter<'_>, start: &str, text: &str) -> fmt::Result {
    broken(f, start, start.len() + 2, text)
}

/// A text after its start, broken at spaces; its lines after the first are indented.
fn broken(f: &mut Formatter<'_>, start: &str, indent: usize, text: &str) -> fmt::Result {
    let page = f.width().unwrap_or(WIDTH).min(WIDTH);
    write!(f, "{start}")?;
    let mut column = start.len();
    for (number, word) in text.split_whitespace().enumerate() {
        let width = word.chars().count();
        if number > 0 && column + 1 + width > page {
            write!(f, "\n{:indent$}", "")?;
            column = indent;
        } else if number > 0 {
            write!(f, " ")?;
            column += 1;
        }
        write!(f, "{word}")?;
        column += width;
    }
    writeln!(f)
}

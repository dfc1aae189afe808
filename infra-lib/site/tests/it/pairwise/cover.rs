//! A covering array: few rows in which each value of each factor meets each value of every other one.

use std::collections::BTreeSet;

/// A value for each factor, by its place in the factor's list. 0 is the default.
pub type Row = Vec<usize>;

/// Two factors with a value each. The first factor stands before the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    pub first: (usize, usize),
    pub second: (usize, usize),
}

/// What is wrong with a row; empty if nothing is.
pub type Problems = BTreeSet<String>;

#[derive(Debug)]
pub struct Cover {
    pub rows: Vec<Row>,
    /// Pairs that no row can have, each with what is wrong with it among defaults.
    pub impossible: Vec<(Pair, Problems)>,
}

/// BOUND: so many values are changed to make a pair possible. The longest chain of options that need each other has four links:
/// a firewall at the edge, the distribution, its certificate, and that of the load balancers.
const REPAIRS_MAX: usize = 4;
/// BOUND: a second look at a row fills what the first one's changes made possible; a third finds next to nothing.
const PASSES: usize = 2;

/// The array for factors with so many values each. The same question has the same answer.
pub fn cover(sizes: &[usize], problems: impl Fn(&Row) -> Problems) -> Cover {
    let mut open: BTreeSet<Pair> = pairs(sizes).collect();
    let mut found = Cover { rows: Vec::new(), impossible: Vec::new() };
    let mut shuffle = Shuffle(1);
    while let Some(pair) = open.first().copied() {
        let Some(mut row) = possible(sizes, pair, &problems) else {
            found.impossible.push((pair, problems(&alone(sizes, pair))));
            open.remove(&pair);
            continue;
        };
        for factor in (0..PASSES).flat_map(|_| shuffle.order(sizes.len())) {
            improve(&mut row, factor, sizes[factor], &open, |row| {
                pair.is_in(row) && problems(row).is_empty()
            });
        }
        assert!(pair.is_in(&row), "a row has the pair that it was made for");
        open.retain(|pair| !pair.is_in(&row));
        found.rows.push(row);
    }
    found
}

/// Every pair of values of two factors.
pub fn pairs(sizes: &[usize]) -> impl Iterator<Item = Pair> {
    let values = |factor: usize| (0..sizes[factor]).map(move |value| (factor, value));
    let firsts = (0..sizes.len()).flat_map(values);
    firsts.flat_map(move |first| {
        let seconds = (first.0 + 1..sizes.len()).flat_map(values);
        seconds.map(move |second| Pair { first, second })
    })
}

impl Pair {
    pub fn is_in(&self, row: &Row) -> bool {
        [self.first, self.second].iter().all(|(factor, value)| row[*factor] == *value)
    }
}

/// The pair among defaults.
fn alone(sizes: &[usize], pair: Pair) -> Row {
    let mut row = vec![0; sizes.len()];
    for (factor, value) in [pair.first, pair.second] {
        row[factor] = value;
    }
    row
}

/// A row without a problem that has the pair. Values are changed one by one; only such changes are followed that end a problem.
fn possible(sizes: &[usize], pair: Pair, problems: impl Fn(&Row) -> Problems) -> Option<Row> {
    let start = alone(sizes, pair);
    let wrong = problems(&start);
    if wrong.is_empty() {
        return Some(start);
    }
    let mut seen = BTreeSet::from([wrong.clone()]);
    let mut front = vec![(start, wrong)];
    for _ in 0..REPAIRS_MAX {
        let mut next = Vec::new();
        for (row, wrong) in front {
            for changed in neighbours(sizes, &row, pair) {
                let left = problems(&changed);
                if left.is_empty() {
                    return Some(changed);
                }
                if !wrong.is_subset(&left) && seen.insert(left.clone()) {
                    next.push((changed, left));
                }
            }
        }
        front = next;
    }
    None
}

/// The rows that differ in one value and keep the pair.
fn neighbours(sizes: &[usize], row: &Row, pair: Pair) -> impl Iterator<Item = Row> {
    let values =
        sizes.iter().enumerate().flat_map(|(at, size)| (0..*size).map(move |value| (at, value)));
    let rows = values.map(|(factor, value)| with(row, factor, value));
    rows.filter(move |other| other != row && pair.is_in(other))
}

fn with(row: &Row, factor: usize, value: usize) -> Row {
    let mut row = row.clone();
    row[factor] = value;
    row
}

/// Takes the value of a factor that covers most, if the row stays valid with it.
fn improve(
    row: &mut Row,
    factor: usize,
    size: usize,
    open: &BTreeSet<Pair>,
    is_valid: impl Fn(&Row) -> bool,
) {
    let gain = |row: &Row| open.iter().filter(|pair| pair.is_in(row)).count();
    let mut best = gain(row);
    for value in 0..size {
        let changed = with(row, factor, value);
        let gained = gain(&changed);
        if gained > best && is_valid(&changed) {
            *row = changed;
            best = gained;
        }
    }
}

/// The order in which factors are looked at: another for each row, the same in each run.
struct Shuffle(u64);

impl Shuffle {
    fn order(&mut self, count: usize) -> Vec<usize> {
        let mut keyed: Vec<(u64, usize)> = (0..count).map(|factor| (self.next(), factor)).collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, factor)| factor).collect()
    }

    /// `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// Goal: the generator itself. Method: three factors, of which one value excludes another, against the definition.
#[test]
fn a_small_array_is_complete_and_keeps_the_rules() {
    let sizes = [3, 2, 2];
    let excluded = Pair { first: (0, 2), second: (1, 0) };
    let problems =
        |row: &Row| excluded.is_in(row).then(|| "excluded".to_owned()).into_iter().collect();
    let Cover { rows, impossible } = cover(&sizes, problems);
    assert_eq!(impossible, [(excluded, Problems::from(["excluded".to_owned()]))]);
    assert!(rows.iter().all(|row| problems(row).is_empty()));
    let missing: Vec<Pair> =
        pairs(&sizes).filter(|pair| !rows.iter().any(|row| pair.is_in(row))).collect();
    assert_eq!(missing, [excluded]);
    assert!(rows.len() <= 7, "{} rows for 16 pairs", rows.len());
    assert_eq!(pairs(&sizes).count(), 16);
}

//! Reads the language: text → rules.

use std::collections::BTreeMap;

/// A file of rules.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) variables: BTreeMap<String, Query>,
    pub(super) rules: Vec<Rule>,
}

#[derive(Debug)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) when: Vec<Any>,
    pub(super) body: Vec<Item>,
}

/// What must hold within a rule or a block.
#[derive(Debug)]
pub(super) enum Item {
    Any(Any),
    /// The items for each value of the query.
    Block(Query, Vec<Item>),
    /// The items, if the conditions hold.
    When(Vec<Any>, Vec<Item>),
}

/// Clauses of which one must hold.
#[derive(Debug)]
pub(super) struct Any {
    pub(super) clauses: Vec<Clause>,
    pub(super) message: Option<Message>,
}

#[derive(Debug)]
pub(super) struct Clause {
    pub(super) query: Query,
    pub(super) negated: bool,
    pub(super) test: Test,
}

#[derive(Debug)]
pub(super) enum Test {
    Exists,
    Empty,
    IsString,
    IsStruct,
    Compared(Comparison, String),
    In(Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug)]
pub(super) struct Query {
    /// The variable that it begins with.
    pub(super) variable: Option<String>,
    pub(super) steps: Vec<Step>,
}

#[derive(Debug)]
pub(super) enum Step {
    Key(String),
    /// `*` and `[*]`.
    All,
    /// `[ conditions ]`.
    Filter(Vec<Any>),
}

/// What a rule says when it is broken: `Violation:` and `Fix:`, as AWS's own rules have it.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) violation: String,
    pub(super) fix: String,
}

/// Reads a file.
pub(super) fn file(text: &str) -> Result<File, String> {
    let mut reader = Reader { rest: text, whole: text };
    let mut file = File::default();
    loop {
        reader.skip();
        if reader.rest.is_empty() {
            return Ok(file);
        }
        if reader.word("let") {
            let name = reader.name()?;
            reader.need("=")?;
            file.variables.insert(name, reader.query()?);
        } else if reader.word("rule") {
            let name = reader.name()?;
            let when = if reader.word("when") { reader.conditions("{")? } else { Vec::new() };
            file.rules.push(Rule { name, when, body: reader.block()? });
        } else {
            return Err(reader.wanted("`let` or `rule`"));
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    whole: &'a str,
}

impl Reader<'_> {
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let Some(comment) = self.rest.strip_prefix('#') else { return };
            self.rest = comment.split_once('\n').map_or("", |(_, rest)| rest);
        }
    }

    fn wanted(&self, what: &str) -> String {
        let line = self.whole[..self.whole.len() - self.rest.len()].matches('\n').count() + 1;
        format!("line {line}: expected {what}")
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        self.skip();
        let rest = self.rest.strip_prefix(symbol);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn need(&mut self, symbol: &str) -> Result<(), String> {
        if self.symbol(symbol) { Ok(()) } else { Err(self.wanted(&format!("`{symbol}`"))) }
    }

    /// A keyword, in small or capital letters.
    fn word(&mut self, word: &str) -> bool {
        self.skip();
        let end = self.rest.find(|c: char| !is_name(c)).unwrap_or(self.rest.len());
        let found = self.rest[..end].eq_ignore_ascii_case(word);
        if found {
            self.rest = &self.rest[end..];
        }
        found
    }

    fn name(&mut self) -> Result<String, String> {
        self.skip();
        let end = self.rest.find(|c: char| !is_name(c)).unwrap_or(self.rest.len());
        if end == 0 {
            return Err(self.wanted("a name"));
        }
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(name.to_owned())
    }

    fn quoted(&mut self) -> Result<Option<String>, String> {
        self.skip();
        let Some(quote) = self.rest.chars().next().filter(|c| ['\'', '"'].contains(c)) else {
            return Ok(None);
        };
        let Some((text, rest)) = self.rest[1..].split_once(quote) else {
            return Err(self.wanted("the end of a quoted text"));
        };
        self.rest = rest;
        Ok(Some(text.to_owned()))
    }

    fn block(&mut self) -> Result<Vec<Item>, String> {
        self.need("{")?;
        let mut items = Vec::new();
        while !self.symbol("}") {
            items.push(self.item()?);
        }
        Ok(items)
    }

    fn item(&mut self) -> Result<Item, String> {
        if self.word("when") {
            return Ok(Item::When(self.conditions("{")?, self.block()?));
        }
        let before = self.rest;
        let query = self.query()?;
        self.skip();
        if self.rest.starts_with('{') {
            return Ok(Item::Block(query, self.block()?));
        }
        self.rest = before;
        self.any().map(Item::Any)
    }

    /// Everything up to a closing symbol, which stays.
    fn conditions(&mut self, end: &str) -> Result<Vec<Any>, String> {
        let mut conditions = Vec::new();
        loop {
            self.skip();
            if self.rest.starts_with(end) {
                return Ok(conditions);
            }
            conditions.push(self.any()?);
        }
    }

    fn any(&mut self) -> Result<Any, String> {
        let (mut clauses, mut message) = (Vec::new(), None);
        loop {
            clauses.push(self.clause()?);
            if self.symbol("<<") {
                message = Some(self.message()?);
            }
            if !self.word("or") {
                return Ok(Any { clauses, message });
            }
        }
    }

    fn message(&mut self) -> Result<Message, String> {
        let Some((text, rest)) = self.rest.split_once(">>") else {
            return Err(self.wanted("`>>`"));
        };
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let parts = text.split_once("Violation:").and_then(|(_, text)| text.split_once("Fix:"));
        let Some((violation, fix)) = parts else {
            return Err(self.wanted("`Violation:` and `Fix:` in the message"));
        };
        self.rest = rest;
        Ok(Message { violation: plain(violation), fix: plain(fix) })
    }

    fn clause(&mut self) -> Result<Clause, String> {
        let query = self.query()?;
        let negated = self.word("not") || (!self.rest.starts_with("!=") && self.symbol("!"));
        let test = if self.word("exists") {
            Test::Exists
        } else if self.word("empty") {
            Test::Empty
        } else if self.word("is_string") {
            Test::IsString
        } else if self.word("is_struct") {
            Test::IsStruct
        } else if self.word("in") {
            self.need("[")?;
            let mut list = Vec::new();
            while !self.symbol("]") {
                list.push(self.literal()?);
                self.symbol(",");
            }
            Test::In(list)
        } else {
            Test::Compared(self.comparison()?, self.literal()?)
        };
        Ok(Clause { query, negated, test })
    }

    fn comparison(&mut self) -> Result<Comparison, String> {
        const SYMBOLS: [(&str, Comparison); 6] = [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        let found = SYMBOLS.into_iter().find(|(symbol, _)| self.symbol(symbol));
        found.map(|(_, comparison)| comparison).ok_or_else(|| self.wanted("a comparison"))
    }

    /// A text in quotes, a number or a truth value.
    fn literal(&mut self) -> Result<String, String> {
        if let Some(text) = self.quoted()? {
            return Ok(text);
        }
        let end = self.rest.find(|c: char| !is_name(c) && !"-.".contains(c));
        let (text, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if text.is_empty() {
            return Err(self.wanted("a value"));
        }
        self.rest = rest;
        Ok(text.to_owned())
    }

    fn query(&mut self) -> Result<Query, String> {
        let mut query = Query { variable: None, steps: Vec::new() };
        if self.symbol("%") {
            query.variable = Some(self.name()?);
        } else {
            query.steps.push(self.step()?);
        }
        loop {
            // Not after a space: `{` and the next clause begin there.
            if self.rest.starts_with('.') {
                self.need(".")?;
                query.steps.push(self.step()?);
            } else if self.rest.starts_with('[') {
                self.need("[")?;
                let step =
                    if self.symbol("*") { Step::All } else { Step::Filter(self.conditions("]")?) };
                self.need("]")?;
                query.steps.push(step);
            } else {
                return Ok(query);
            }
        }
    }

    fn step(&mut self) -> Result<Step, String> {
        if self.symbol("*") {
            return Ok(Step::All);
        }
        match self.quoted()? {
            Some(key) => Ok(Step::Key(key)),
            None => self.name().map(Step::Key),
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_the_language_is_told_with_its_line() {
        for (text, wanted) in [
            ("\nallow x", "line 2: expected `let` or `rule`"),
            ("rule a {\n  B exists <<no>>\n}", "line 2: expected `Violation:` and `Fix:`"),
            ("rule a { B 'c' }", "line 1: expected a comparison"),
            ("let a 1", "line 1: expected `=`"),
            ("rule a { B == 'c }", "line 1: expected the end of a quoted text"),
        ] {
            let error = file(text).expect_err(text);
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }
}

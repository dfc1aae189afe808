//! Answers that come in pages: they are read to their end, or it is an error.

use super::super::Result;
use super::call::Call;

/// The pages of one answer, in AWS's order.
///
/// What was read of an answer that has more pages than its bound is never shown: a list that is cut off looks like a whole one.
pub(super) struct Pages<'a, T> {
    call: &'a Call,
    bound: usize,
    read: usize,
    next: Option<Page<T>>,
}

/// A page that is to be read.
pub(super) struct Page<T> {
    /// Where it begins, in AWS's words. `None` for the first.
    pub(super) from: Option<T>,
}

impl<'a, T: Default + PartialEq> Pages<'a, T> {
    /// At most `bound` pages of the answer to `call`.
    pub(super) const fn new(call: &'a Call, bound: usize) -> Self {
        Self { call, bound, read: 0, next: Some(Page { from: None }) }
    }

    /// The next page. `None` once the last is read.
    ///
    /// # Errors
    /// [`Cut`](crate::CloudError::Cut) if there are more pages than the bound.
    pub(super) fn next(&mut self) -> Result<Option<Page<T>>> {
        let Some(page) = self.next.take() else { return Ok(None) };
        if self.read == self.bound {
            return Err(self.call.cut(self.bound));
        }
        self.read += 1;
        Ok(Some(page))
    }

    /// Notes where AWS says that the page after this one begins. An empty mark is the end, as the SDK's own paginators have it.
    pub(super) fn turn(&mut self, next: Option<T>) {
        let next = next.filter(|next| *next != T::default());
        self.next = next.map(|next| Page { from: Some(next) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tokens: &[Option<&str>], bound: usize) -> Result<Vec<Option<String>>> {
        let call = Call::global("ListHealthChecks");
        let mut pages = Pages::new(&call, bound);
        let mut seen = Vec::new();
        let mut tokens = tokens.iter();
        while let Some(page) = pages.next()? {
            seen.push(page.from);
            pages.turn(tokens.next().and_then(|token| token.map(ToOwned::to_owned)));
        }
        Ok(seen)
    }

    #[test]
    fn pages_are_read_until_there_is_no_other_or_it_is_an_error() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(read(&[Some("b"), Some("c"), None], 3), Ok(vec![None, text("b"), text("c")]));
        assert_eq!(read(&[Some("")], 3), Ok(vec![None]), "an empty mark is the end");
        let error = read(&[Some("b"), Some("c"), None], 2).expect_err("a page is left");
        let words = "the answer to `ListHealthChecks` in the global service was not read to its end: it has more than 2 pages";
        assert_eq!(error.to_string(), words);
    }
}

//! A list: ids in order, and pages of it.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

/// All ids of one type that a question holds for, complete: ids in ascending order of their bytes, each once; or *every* id there
/// is or will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// All ids, one after the other.
    text: String,
    /// Where each ends.
    ends: Vec<usize>,
    is_every: bool,
    /// What it is a list of.
    source: Source,
}

/// The question and the snapshot of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) revision: u64,
    pub(super) question: u64,
}

impl Source {
    /// Of a question by its text.
    pub(super) fn new(revision: u64, question: &str) -> Self {
        Source { revision, question: fingerprint(question) }
    }
}

/// A hash that is the same on every machine and in every release: FNV-1a.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

impl List {
    /// A list of these ids.
    pub(super) fn new(mut ids: Vec<&str>, source: Source) -> Self {
        ids.sort_unstable();
        ids.dedup();
        let mut list = List { text: String::new(), ends: Vec::new(), is_every: false, source };
        list.text.reserve_exact(ids.iter().map(|id| id.len()).sum());
        list.ends.reserve_exact(ids.len());
        for id in ids {
            list.text.push_str(id);
            list.ends.push(list.text.len());
        }
        list
    }

    /// The list of all that there is.
    pub(super) fn every(source: Source) -> Self {
        List { text: String::new(), ends: Vec::new(), is_every: true, source }
    }

    /// True when it is whatever id of the type: facts or rules say so with a wildcard. Then no ids are listed.
    pub fn is_every(&self) -> bool {
        self.is_every
    }

    /// True when there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty() && !self.is_every
    }

    /// How many ids are listed; 0 where it is every id.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The ids in order; none where it is every id.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.run(0, self.len())
    }

    /// True when an id is in it.
    pub fn contains(&self, id: &str) -> bool {
        self.is_every || self.id(self.place(|other| other < id)) == Some(id)
    }

    /// The page of at most `size` ids that follows a token, or the first one.
    ///
    /// A token is good for the same question at the same revision of the facts, so that pages laid one after the other are the
    /// list: ask for the list again with the same snapshot, or keep it.
    ///
    /// ```
    /// # use arctos::{Error, List, PageToken};
    /// fn in_pages(list: &List) -> Result<Vec<String>, Error> {
    ///     let mut all = Vec::new();
    ///     let mut after: Option<PageToken> = None;
    ///     loop {
    ///         let page = list.page(after.as_ref(), 100)?;
    ///         all.extend(page.ids().map(str::to_owned));
    ///         after = page.next().cloned();
    ///         if after.is_none() {
    ///             return Ok(all);
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Stale`] for a token of another revision, [`ErrorKind::Misuse`] for one of another question and for pages of no
    /// ids.
    pub fn page(&self, after: Option<&PageToken>, size: usize) -> Result<Page<'_>, Error> {
        if size == 0 {
            return Err(Error::new(ErrorKind::Misuse, "a page has at least one id"));
        }
        let begin = match after {
            None => 0,
            Some(token) => {
                self.accept(token)?;
                self.place(|id| id <= &*token.last)
            }
        };
        let end = begin.saturating_add(size).min(self.len());
        let next = match end.checked_sub(1).and_then(|last| self.id(last)) {
            Some(last) if end < self.len() => Some(PageToken { source: self.source, last: last.into() }),
            _ => None,
        };
        Ok(Page { list: self, begin, end, next })
    }

    fn accept(&self, token: &PageToken) -> Result<(), Error> {
        let (ours, theirs) = (self.source, token.source);
        if ours.question != theirs.question {
            return Err(Error::new(ErrorKind::Misuse, "the page token is one of another question"));
        }
        if ours.revision != theirs.revision {
            let message = format!(
                "the page token is of revision {}, and the facts are at revision {}: begin again with the first page",
                theirs.revision, ours.revision
            );
            return Err(Error::new(ErrorKind::Stale, message));
        }
        Ok(())
    }

    fn id(&self, place: usize) -> Option<&str> {
        let end = *self.ends.get(place)?;
        let begin = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.text.get(begin..end)
    }

    fn run(&self, begin: usize, end: usize) -> impl Iterator<Item = &str> {
        (begin..end).filter_map(|place| self.id(place))
    }

    /// Where the ids end that `is_before` holds for.
    fn place(&self, is_before: impl Fn(&str) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.id(middle).is_some_and(&is_before) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// A part of a [`List`].
#[derive(Clone, Debug)]
pub struct Page<'l> {
    list: &'l List,
    begin: usize,
    end: usize,
    next: Option<PageToken>,
}

impl<'l> Page<'l> {
    /// True when the list is every id: there is one page, which lists none.
    pub fn is_every(&self) -> bool {
        self.list.is_every
    }

    /// The ids in order.
    pub fn ids(&self) -> impl Iterator<Item = &'l str> + use<'l> {
        self.list.run(self.begin, self.end)
    }

    /// What the next page follows; `None` at the end.
    pub fn next(&self) -> Option<&PageToken> {
        self.next.as_ref()
    }
}

/// Where a page ended. As text it can be handed to a client and back.
///
/// ```
/// # use arctos::{Error, PageToken};
/// # fn f(token: &PageToken) -> Result<(), Error> {
/// let text = token.to_string();
/// assert_eq!(text.parse::<PageToken>()?, *token);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageToken {
    source: Source,
    last: Box<str>,
}

impl PageToken {
    /// The revision of the facts that it belongs to.
    pub fn revision(&self) -> u64 {
        self.source.revision
    }
}

impl fmt::Display for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:x}-{}", self.source.revision, self.source.question, self.last)
    }
}

impl FromStr for PageToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut parts = text.splitn(3, '-');
        let mut token = || {
            let revision = parts.next()?.parse().ok()?;
            let question = u64::from_str_radix(parts.next()?, 16).ok()?;
            Some(PageToken { source: Source { revision, question }, last: parts.next()?.into() })
        };
        token().ok_or_else(|| Error::new(ErrorKind::Misuse, "this is no page token"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(ids: &[&str]) -> List {
        List::new(ids.to_vec(), Source::new(7, "question"))
    }

    fn in_pages(list: &List, size: usize) -> Vec<Vec<String>> {
        let mut pages = Vec::new();
        let mut after: Option<PageToken> = None;
        loop {
            let page = list.page(after.as_ref(), size).unwrap();
            pages.push(page.ids().map(str::to_owned).collect());
            match page.next() {
                Some(next) => after = Some(next.to_string().parse().unwrap()),
                None => return pages,
            }
        }
    }

    #[test]
    fn ids_are_in_the_order_of_their_bytes_and_each_once() {
        let list = list(&["b", "é", "a", "", "b", "B", "ab"]);
        assert_eq!(list.ids().collect::<Vec<_>>(), ["", "B", "a", "ab", "b", "é"]);
        assert!(list.contains("") && list.contains("é") && !list.contains("c") && !list.is_empty());
    }

    #[test]
    fn pages_laid_one_after_the_other_are_the_list() {
        for ids in [&[][..], &["x"], &["c", "-", "a-1", "", "b"]] {
            let list = list(ids);
            let whole: Vec<&str> = list.ids().collect();
            for size in 1..8 {
                let pages = in_pages(&list, size);
                assert_eq!(pages.concat(), whole, "{size}");
                assert!(pages.iter().rev().skip(1).all(|page| page.len() == size));
            }
        }
    }

    #[test]
    fn a_token_is_good_for_its_question_and_revision() {
        let list = list(&["a", "b"]);
        let token = list.page(None, 1).unwrap().next().unwrap().clone();
        let kind = |source| List::new(vec!["a", "b"], source).page(Some(&token), 1).unwrap_err().kind();
        assert_eq!(kind(Source::new(8, "question")), ErrorKind::Stale);
        assert_eq!(kind(Source::new(7, "other")), ErrorKind::Misuse);
        assert_eq!(list.page(None, 0).unwrap_err().kind(), ErrorKind::Misuse);
        assert_eq!(token.revision(), 7);
        for text in ["", "7", "7-x-a", "7-1", "x-1-a"] {
            assert_eq!(text.parse::<PageToken>().unwrap_err().kind(), ErrorKind::Misuse, "{text}");
        }
    }

    #[test]
    fn every_id_is_one_page_without_ids() {
        let list = List::every(Source::new(7, "question"));
        assert!(list.is_every() && list.contains("anyone") && !list.is_empty());
        let page = list.page(None, 10).unwrap();
        assert!(page.is_every() && page.ids().next().is_none() && page.next().is_none());
    }
}

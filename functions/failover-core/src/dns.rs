//! Whom DNS names: the one comparison of addresses. The controller, `status` and the drills all call it.
//!
//! A load balancer may have many more addresses than the eight that one answer holds, and chooses others each time. So two
//! answers about the same load balancer need not be equal, and one need not hold the other: that they overlap is what counts.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::observation::{Answer, Known, Why};

/// The addresses of one name.
pub type Addresses = BTreeSet<IpAddr>;

/// How often the three names are resolved before the answer counts as unknown.
///
/// BOUND: each round may take as long as the slowest lookup, and all reads of an invocation together have 2.5 s.
pub const LOOKS_MAX: usize = 3;

/// The addresses of the site's name and of both load balancers, as they were resolved together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The name that the users type.
    pub site: Known<Addresses>,
    /// The primary's load balancer.
    pub primary: Known<Addresses>,
    /// The standby's load balancer.
    pub standby: Known<Addresses>,
}

impl Look {
    /// Whose addresses the site's are.
    ///
    /// An answer that shares an address with the standby is never the primary's. While the standby's addresses are unknown
    /// nobody can tell that it shares none, so then the primary must have all of the site's addresses.
    ///
    /// `Unknown(Foreign)`: the site shares no address with either. Another look may meet one of them.
    ///
    /// ```
    /// use failover_core::{Known, dns::Look, observation::Answer};
    ///
    /// let set = |last: &[u8]| Known::Known(last.iter().map(|&last| [192, 0, 2, last].into()).collect());
    /// let look = Look { site: set(&[1, 2]), primary: set(&[2, 3]), standby: set(&[21]) };
    /// assert_eq!(look.whose(), Known::Known(Answer::Primary));
    /// ```
    #[must_use]
    pub fn whose(&self) -> Known<Answer> {
        let site = match some(&self.site) {
            Known::Known(site) => site,
            Known::Unknown(why) => return Known::Unknown(why),
        };
        let meets = |all: &Addresses| !site.is_disjoint(all);
        match (some(&self.primary), some(&self.standby)) {
            (Known::Known(primary), Known::Known(standby)) => {
                match (meets(primary), meets(standby)) {
                    (true, false) => Known::Known(Answer::Primary),
                    (false, true) => Known::Known(Answer::Standby),
                    (true, true) => Known::Known(Answer::Mixed),
                    (false, false) => Known::Unknown(Why::Foreign),
                }
            }
            (Known::Known(primary), Known::Unknown(_)) if site.is_subset(primary) => {
                Known::Known(Answer::Primary)
            }
            (Known::Unknown(_), Known::Known(standby)) if meets(standby) => {
                Known::Known(Answer::Standby)
            }
            (Known::Unknown(why), _) | (_, Known::Unknown(why)) => Known::Unknown(why),
        }
    }

    /// Whether another look could tell more: every name has addresses, and the site's are nobody's.
    #[must_use]
    pub fn needs_another(&self) -> bool {
        self.whose() == Known::Unknown(Why::Foreign)
    }

    /// Both looks as one: what either has seen.
    #[must_use]
    pub fn united(self, later: Self) -> Self {
        Self {
            site: unite(self.site, later.site),
            primary: unite(self.primary, later.primary),
            standby: unite(self.standby, later.standby),
        }
    }
}

/// No address is no answer.
fn some(known: &Known<Addresses>) -> Known<&Addresses> {
    match known {
        Known::Known(addresses) if addresses.is_empty() => Known::Unknown(Why::Empty),
        Known::Known(addresses) => Known::Known(addresses),
        Known::Unknown(why) => Known::Unknown(*why),
    }
}

fn unite(one: Known<Addresses>, other: Known<Addresses>) -> Known<Addresses> {
    match (one, other) {
        (Known::Known(mut one), Known::Known(other)) => {
            one.extend(other);
            Known::Known(one)
        }
        (Known::Known(known), Known::Unknown(_)) | (Known::Unknown(_), Known::Known(known)) => {
            Known::Known(known)
        }
        (Known::Unknown(why), Known::Unknown(_)) => Known::Unknown(why),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use proptest::prelude::*;

    use super::*;

    const LOST: Known<Addresses> = Known::Unknown(Why::Timeout);

    fn set(numbers: impl IntoIterator<Item = u8>) -> Known<Addresses> {
        Known::Known(numbers.into_iter().map(|last| [192, 0, 2, last].into()).collect())
    }

    fn whose(
        site: Known<Addresses>,
        primary: Known<Addresses>,
        standby: Known<Addresses>,
    ) -> Known<Answer> {
        Look { site, primary, standby }.whose()
    }

    #[test]
    fn a_load_balancer_with_twelve_addresses_does_not_read_mixed() {
        use Answer::{Mixed, Primary, Standby};
        let known = Known::Known;
        let cases = [
            (
                "other eight of twelve",
                whose(set(1..=8), set(5..=12), set([21, 22])),
                known(Primary),
            ),
            ("the same eight", whose(set(1..=8), set(1..=8), set([21, 22])), known(Primary)),
            ("one in common", whose(set(1..=8), set(8..=15), set([21, 22])), known(Primary)),
            (
                "none in common",
                whose(set(1..=8), set(13..=20), set([21, 22])),
                Known::Unknown(Why::Foreign),
            ),
            ("in a move", whose(set([1, 2, 21]), set([1, 2]), set([21, 22])), known(Mixed)),
            ("the standby is big", whose(set(21..=28), set([1, 2]), set(25..=32)), known(Standby)),
            ("the primary's is lost", whose(set(21..=28), LOST, set(25..=32)), known(Standby)),
        ];
        for (case, found, wanted) in cases {
            assert_eq!(found, wanted, "{case}");
        }
    }

    #[test]
    fn an_answer_that_may_share_an_address_with_the_standby_is_never_the_primarys() {
        assert_eq!(whose(set([1, 2]), set([1, 2, 3]), LOST), Known::Known(Answer::Primary));
        assert_eq!(whose(set([1, 2]), set([2, 3]), LOST), Known::Unknown(Why::Timeout));
        assert_eq!(whose(set([1, 2]), set([2, 3]), set([])), Known::Unknown(Why::Empty));
        assert_eq!(whose(set([1]), LOST, set([21])), Known::Unknown(Why::Timeout));
        assert_eq!(whose(set([1]), LOST, LOST), Known::Unknown(Why::Timeout));
        assert_eq!(whose(set([1]), set([1]), set([1])), Known::Known(Answer::Mixed));
    }

    #[test]
    fn no_address_is_nobodys_and_one_or_a_hundred_are_somebodys() {
        assert_eq!(whose(set([]), set([1]), set([2])), Known::Unknown(Why::Empty));
        assert_eq!(whose(LOST, set([1]), set([2])), Known::Unknown(Why::Timeout));
        assert_eq!(whose(set([1]), set([1]), set([2])), Known::Known(Answer::Primary));
        assert_eq!(whose(set([2]), set([1]), set([2])), Known::Known(Answer::Standby));
        assert_eq!(whose(set(0..100), set(99..200), set([240])), Known::Known(Answer::Primary));
        let foreign = whose(set([1, 250]), set([1]), set([2]));
        assert_eq!(foreign, Known::Known(Answer::Primary), "a foreign address beside it");
        let six = |last| Known::Known([IpAddr::V6(Ipv6Addr::from(last))].into());
        assert_eq!(whose(six(1), six(1), six(2)), Known::Known(Answer::Primary), "only AAAA");
        assert_eq!(whose(six(1), set([1]), set([2])), Known::Unknown(Why::Foreign));
    }

    #[test]
    fn looks_are_united_until_one_meets() {
        let first = Look { site: set(1..=8), primary: set(13..=20), standby: set([21]) };
        assert!(first.needs_another());
        let second = Look { site: set(9..=12), primary: set(8..=9), standby: LOST };
        let both = first.united(second);
        assert!(!both.needs_another());
        assert_eq!(both.whose(), Known::Known(Answer::Primary));
        let lost = Look { site: LOST, primary: LOST, standby: LOST };
        assert!(!lost.needs_another(), "nothing was resolved, so nothing can be compared");
        assert_eq!(both.clone().united(lost.clone()), both);
        assert_eq!(lost.clone().united(both.clone()), both);
        assert_eq!(lost.clone().united(lost.clone()), lost);
    }

    fn some_addresses() -> impl Strategy<Value = Known<Addresses>> {
        prop_oneof![Just(LOST), prop::collection::vec(0_u8..40, 0..12).prop_map(set),]
    }

    proptest! {
        #[test]
        fn whatever_shares_an_address_with_the_standby_is_not_the_primarys(
            site in some_addresses(), primary in some_addresses(), standby in some_addresses()
        ) {
            let shares = match (&site, &standby) {
                (Known::Known(site), Known::Known(standby)) => !site.is_disjoint(standby),
                _ => false,
            };
            let found = whose(site, primary, standby);
            prop_assert!(!shares || found != Known::Known(Answer::Primary));
        }

        #[test]
        fn another_look_never_takes_the_users_away_from_the_standby(
            site in some_addresses(), primary in some_addresses(), standby in some_addresses(),
            more in some_addresses()
        ) {
            let look = Look { site: site.clone(), primary: primary.clone(), standby: standby.clone() };
            let later = Look { site: more.clone(), primary: more.clone(), standby: more };
            let at_standby = [Known::Known(Answer::Standby), Known::Known(Answer::Mixed)];
            if at_standby.contains(&look.whose()) {
                prop_assert_ne!(look.united(later).whose(), Known::Known(Answer::Primary));
            }
        }
    }
}

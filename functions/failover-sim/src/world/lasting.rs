//! What has gone wrong and lasts until it is ended, beside what has a field of its own.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use failover_core::dns::Look;
use failover_core::observation::{Answer, Known, Verdict, Why};

use super::Read;

/// What lasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lasting {
    /// Readings that fail in every invocation, one bit each.
    unread: u16,
    /// What the names resolve to.
    pub names: Option<Names>,
    /// The health check that is set wrongly.
    pub check: Option<Check>,
    /// What the verdict's records say, whatever is true.
    pub words: Option<Words>,
    /// Our own probe does not get through to the primary.
    pub cut: bool,
    /// Minutes until everybody can know how it is set.
    new: u8,
}

/// Our resolver is a minute behind.
const NEW: u8 = 2;

impl Lasting {
    /// Nothing of all this.
    #[must_use]
    pub fn nothing(self) -> bool {
        self == Self::default()
    }

    /// Somebody sets the check.
    pub(crate) const fn set_check(&mut self, check: Option<Check>) {
        (self.check, self.new) = (check, NEW);
    }

    /// Somebody has set it within the last minutes.
    pub(super) const fn check_is_new(self) -> bool {
        self.new > 0
    }

    /// A minute later.
    pub(super) const fn grow_old(&mut self) {
        self.new = self.new.saturating_sub(1);
    }

    /// A reading fails in every invocation.
    #[must_use]
    pub const fn fails(self, read: Read) -> bool {
        self.unread & bit(read) != 0
    }

    /// Some reading does.
    #[must_use]
    pub const fn unread(self) -> bool {
        self.unread != 0
    }

    /// From now on. `false` if it was so already.
    pub const fn fail(&mut self, read: Read) -> bool {
        let fails = self.fails(read);
        self.unread |= bit(read);
        !fails
    }

    /// Every reading succeeds again.
    pub const fn read_again(&mut self) {
        self.unread = 0;
    }
}

const fn bit(read: Read) -> u16 {
    1 << read as u16
}

/// What two name servers answer for the verdict's name, whatever is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Words {
    /// Both say that the primary is healthy.
    Healthy,
    /// Both say that it is not.
    Unhealthy,
    /// Each says something else, or something that is no verdict.
    Foreign,
}

impl Words {
    /// Every case.
    pub const ALL: [Self; 3] = [Self::Healthy, Self::Unhealthy, Self::Foreign];

    /// What the controller makes of it.
    pub(super) const fn seen(self) -> Known<Verdict> {
        match self {
            Self::Healthy => Known::Known(Verdict::Healthy),
            Self::Unhealthy => Known::Known(Verdict::Unhealthy),
            Self::Foreign => Known::Unknown(Why::Foreign),
        }
    }
}

/// What the names of the site and of both load balancers resolve to, where that is not one address each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Names {
    /// The load balancer has more addresses than an answer holds; the answers share one.
    Overlap,
    /// The same, and the answers share none.
    Apart,
    /// The site's answer has addresses of both load balancers.
    Both,
    /// The primary's load balancer cannot be resolved.
    NoPrimary,
    /// The standby's cannot.
    NoStandby,
}

impl Names {
    /// Every case.
    pub const ALL: [Self; 5] =
        [Self::Overlap, Self::Apart, Self::Both, Self::NoPrimary, Self::NoStandby];

    /// What the controller makes of it while DNS names that region.
    pub(super) fn seen(self, named: Answer) -> Known<Answer> {
        /// The comparison that ships, made once for each case.
        static SEEN: LazyLock<[[Known<Answer>; 2]; 5]> = LazyLock::new(|| {
            Names::ALL.map(|names| {
                [Answer::Primary, Answer::Standby].map(|named| names.look(named).whose())
            })
        });
        SEEN[self as usize][usize::from(named == Answer::Standby)]
    }

    fn look(self, named: Answer) -> Look {
        let addresses = |last: [u8; 2]| {
            let all: BTreeSet<_> = last.into_iter().map(|last| [192, 0, 2, last].into()).collect();
            Known::Known(all)
        };
        let lost = Known::Unknown(Why::Timeout);
        let (primary, standby) = (addresses([1, 2]), addresses([21, 22]));
        let at_standby = named == Answer::Standby;
        let by = |at_primary, there| addresses(if at_standby { there } else { at_primary });
        match self {
            Self::Overlap => Look { site: by([2, 3], [22, 23]), primary, standby },
            Self::Apart => Look { site: by([3, 4], [23, 24]), primary, standby },
            Self::Both => Look { site: addresses([2, 21]), primary, standby },
            Self::NoPrimary => Look { site: by([1, 2], [21, 22]), primary: lost, standby },
            Self::NoStandby => Look { site: by([1, 2], [21, 22]), primary, standby: lost },
        }
    }
}

/// A health check that DNS moves by, set wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Check {
    /// Whose.
    pub of: Checked,
    /// How.
    pub set: Set,
}

/// What a health check tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Checked {
    /// Whether the PRIMARY record is healthy.
    Primary,
    /// Whether the latch is open, whatever was put.
    Latch,
    /// Whether the SECONDARY record is healthy.
    Standby,
}

/// How a health check is set wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Set {
    /// It counts as healthy.
    Disabled,
    /// It says the opposite.
    Inverted,
}

impl Check {
    /// Every case.
    pub fn all() -> impl Iterator<Item = Self> {
        let checks = [Checked::Primary, Checked::Latch, Checked::Standby];
        checks.into_iter().flat_map(|of| [Set::Disabled, Set::Inverted].map(|set| Self { of, set }))
    }
}

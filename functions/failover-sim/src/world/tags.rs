//! The tags of the record, as somebody edits them by hand.

use failover_core::Record;
use failover_core::record::{Register, Slot};

use super::Tag;

/// Something that is done to one tag, whatever it holds.
#[derive(Clone, Copy)]
pub(super) enum Edit {
    /// Makes it unreadable.
    Spoil,
    Delete,
    /// Deletes it if it cannot be read.
    Mend,
}

impl Edit {
    /// `false` if it changes nothing.
    pub(super) fn apply(self, record: &mut Record, tag: Tag) -> bool {
        match tag {
            Tag::Mode => self.edit(&mut record.mode),
            Tag::Order => self.edit(&mut record.order),
            Tag::Drain => self.edit(&mut record.drain),
            Tag::History => self.edit(&mut record.history),
            Tag::Base => self.edit(&mut record.base),
            Tag::Peak => self.edit(&mut record.peak),
            Tag::Starved => self.edit(&mut record.starved),
            Tag::Unseen => self.edit(&mut record.unseen),
            Tag::Findings => self.edit(&mut record.findings),
            Tag::Lasting => self.edit(&mut record.lasting),
            Tag::Raised => self.edit(&mut record.raised),
            Tag::Done => self.edit(&mut record.done),
            Tag::Closed => self.edit(&mut record.closed),
            Tag::Opened => self.edit(&mut record.opened),
            Tag::Primary => self.edit(&mut record.primary),
        }
    }

    fn edit<T: PartialEq>(self, slot: &mut Slot<T>) -> bool {
        let edited = match self {
            Self::Spoil => Slot::Unreadable,
            Self::Delete => Slot::Absent,
            Self::Mend if *slot == Slot::Unreadable => Slot::Absent,
            Self::Mend => return false,
        };
        let changes = *slot != edited;
        *slot = edited;
        changes
    }
}

/// The value of a tag that only a person can write again.
pub(super) fn register(record: &Record, tag: Tag) -> Option<Register> {
    match tag {
        Tag::Raised => record.raised.held().copied().map(Register::Raised),
        Tag::Done => record.done.held().copied().map(Register::Done),
        Tag::Closed => record.closed.held().copied().map(Register::Closed),
        Tag::Opened => record.opened.held().copied().map(Register::Opened),
        Tag::Primary => record.primary.held().copied().map(Register::Primary),
        Tag::Mode
        | Tag::Order
        | Tag::Drain
        | Tag::History
        | Tag::Base
        | Tag::Peak
        | Tag::Starved
        | Tag::Unseen
        | Tag::Findings
        | Tag::Lasting => None,
    }
}

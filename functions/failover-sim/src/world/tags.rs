//! The tags of the record, as somebody edits them by hand.

use failover_core::Record;
use failover_core::record::{Register, Slot};

use super::Tag;

/// Something that is done to one slot, whatever it holds. `false` if it changes nothing.
trait Edit {
    fn edit<T: PartialEq>(&mut self, slot: &mut Slot<T>) -> bool;
}

struct Spoil;
struct Delete;
struct Mend;

impl Edit for Spoil {
    fn edit<T: PartialEq>(&mut self, slot: &mut Slot<T>) -> bool {
        let whole = *slot != Slot::Unreadable;
        *slot = Slot::Unreadable;
        whole
    }
}

impl Edit for Delete {
    fn edit<T: PartialEq>(&mut self, slot: &mut Slot<T>) -> bool {
        let there = *slot != Slot::Absent;
        *slot = Slot::Absent;
        there
    }
}

impl Edit for Mend {
    fn edit<T: PartialEq>(&mut self, slot: &mut Slot<T>) -> bool {
        *slot == Slot::Unreadable && Delete.edit(slot)
    }
}

fn edit(record: &mut Record, tag: Tag, edit: &mut impl Edit) -> bool {
    match tag {
        Tag::Mode => edit.edit(&mut record.mode),
        Tag::Order => edit.edit(&mut record.order),
        Tag::Drain => edit.edit(&mut record.drain),
        Tag::History => edit.edit(&mut record.history),
        Tag::Base => edit.edit(&mut record.base),
        Tag::Peak => edit.edit(&mut record.peak),
        Tag::Starved => edit.edit(&mut record.starved),
        Tag::Unseen => edit.edit(&mut record.unseen),
        Tag::Findings => edit.edit(&mut record.findings),
        Tag::Lasting => edit.edit(&mut record.lasting),
        Tag::Raised => edit.edit(&mut record.raised),
        Tag::Done => edit.edit(&mut record.done),
        Tag::Closed => edit.edit(&mut record.closed),
        Tag::Opened => edit.edit(&mut record.opened),
        Tag::Primary => edit.edit(&mut record.primary),
    }
}

/// Makes it unreadable. `false` if it was so already.
pub(super) fn spoil(record: &mut Record, tag: Tag) -> bool {
    edit(record, tag, &mut Spoil)
}

/// `false` if it was not there.
pub(super) fn delete(record: &mut Record, tag: Tag) -> bool {
    edit(record, tag, &mut Delete)
}

/// Deletes whatever cannot be read, and answers what that was.
pub(super) fn mend(record: &mut Record) -> Vec<Tag> {
    let tags = Tag::ALL.into_iter().chain(Tag::KEPT);
    tags.filter(|&tag| edit(record, tag, &mut Mend)).collect()
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

/// The tag of a register.
pub(super) const fn of(register: &Register) -> Tag {
    match register {
        Register::Base(_) => Tag::Base,
        Register::Peak(_) => Tag::Peak,
        Register::Raised(_) => Tag::Raised,
        Register::Done(_) => Tag::Done,
        Register::Closed(_) => Tag::Closed,
        Register::Opened(_) => Tag::Opened,
        Register::Primary(_) => Tag::Primary,
        Register::Drain(_) => Tag::Drain,
        Register::Starved(_) => Tag::Starved,
        Register::Unseen(_) => Tag::Unseen,
        Register::History(_) => Tag::History,
        Register::Mode(_) => Tag::Mode,
        Register::Order(_) => Tag::Order,
        Register::Told(_) => Tag::Findings,
        Register::Lasting(_) => Tag::Lasting,
    }
}

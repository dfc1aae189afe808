//! How wide a text may become, before anybody has chosen a font.
//!
//! The picture names no font of its own: each reader's system has another one. So texts are measured with the advances of
//! `DejaVu` Sans, which is wider than the fonts that systems write their own words in: there the same text is narrower and stays
//! inside the room that it was given.

/// Size and weight of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Face {
    /// The site's name.
    Title,
    /// The name of a card.
    Heading,
    /// The name of a box.
    Strong,
    /// Everything else.
    Plain,
    /// A step's number.
    Badge,
}

impl Face {
    /// Every face.
    pub const ALL: [Self; 5] = [Self::Title, Self::Heading, Self::Strong, Self::Plain, Self::Badge];

    /// Height of the letters, distance of two lines, whether the letters are bold, and its class.
    const fn row(self) -> (i32, i32, bool, &'static str) {
        match self {
            Self::Title => (24, 30, true, "title"),
            Self::Heading => (14, 20, true, "heading"),
            Self::Strong => (13, 18, true, "strong"),
            Self::Plain => (12, 16, false, "plain"),
            Self::Badge => (11, 14, true, "digit"),
        }
    }

    /// Height of the letters. Units: pixels.
    #[must_use]
    pub const fn size(self) -> i32 {
        self.row().0
    }

    /// Distance of two lines, and the height that one takes. Units: pixels.
    #[must_use]
    pub const fn line(self) -> i32 {
        self.row().1
    }

    /// Whether the letters are bold.
    #[must_use]
    pub const fn bold(self) -> bool {
        self.row().2
    }

    /// The class that the style sheet knows it by.
    #[must_use]
    pub const fn class(self) -> &'static str {
        self.row().3
    }
}

/// The most room that a text takes. Units: pixels.
#[must_use]
pub fn width(text: &str, face: Face) -> i32 {
    let table = if face.bold() { &BOLD } else { &REGULAR };
    let advances = text.chars().map(|letter| {
        let index = u32::from(letter).checked_sub(u32::from(' ')).map(|index| index as usize);
        index.and_then(|index| table.get(index)).copied().unwrap_or(ADVANCE_MAX)
    });
    let thousandths: i32 = advances.map(i32::from).sum();
    (thousandths * face.size() + 999) / 1000
}

/// Breaks a text into lines that fit: between words, else after a sign inside a name, else anywhere.
pub(super) fn wrap(text: &str, face: Face, room: i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if width(&longer, face) <= room {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for piece in pieces(word, face, room) {
            let longer = format!("{line}{piece}");
            if width(&longer, face) <= room {
                line = longer;
            } else {
                lines.push(std::mem::replace(&mut line, piece));
            }
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The parts that a word may be broken into. None is wider than the room, unless one letter is.
fn pieces(word: &str, face: Face, room: i32) -> Vec<String> {
    if width(word, face) <= room {
        return vec![word.to_owned()];
    }
    let parts = word.split_inclusive(['.', '-', '/', '@', '_']);
    let fitting = parts.flat_map(|part| {
        if width(part, face) <= room {
            return vec![part.to_owned()];
        }
        part.chars().map(String::from).collect()
    });
    fitting.collect()
}

/// A text of at most so many letters: of a longer one the middle is left out.
pub(super) fn shortened(text: &str, letters_max: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= letters_max {
        return text.to_owned();
    }
    let half = (letters_max - 1) / 2;
    let (head, tail) = (&letters[..half], &letters[letters.len() - half..]);
    head.iter().chain(&['…']).chain(tail).collect()
}

/// What a letter outside the tables takes: a full square, as the widest scripts do.
const ADVANCE_MAX: u16 = 1000;

/// Advances of `DejaVu` Sans from the space to the tilde. Units: thousandths of the size.
#[rustfmt::skip]
const REGULAR: [u16; 95] = [
    318, 401, 460, 838, 637, 951, 780, 275, 391, 391, 500, 838, 318, 361, 318, 337, 637, 637, 637,
    637, 637, 637, 637, 637, 637, 637, 337, 337, 838, 838, 838, 531, 1000, 685, 687, 699, 771, 632,
    576, 775, 752, 295, 295, 656, 558, 863, 749, 788, 604, 788, 695, 635, 611, 732, 685, 989, 686,
    611, 686, 391, 337, 391, 838, 500, 500, 613, 635, 550, 635, 616, 353, 635, 634, 278, 278, 580,
    278, 975, 634, 612, 635, 635, 412, 521, 393, 634, 592, 818, 592, 592, 525, 637, 337, 637, 838,
];

/// Advances of `DejaVu` Sans Bold.
#[rustfmt::skip]
const BOLD: [u16; 95] = [
    349, 457, 521, 838, 696, 1002, 873, 307, 458, 458, 523, 838, 380, 416, 380, 366, 696, 696, 696,
    696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 581, 1000, 774, 763, 734, 831, 684,
    684, 821, 837, 373, 373, 775, 638, 996, 837, 851, 733, 851, 771, 721, 683, 813, 774, 1104, 771,
    725, 726, 458, 366, 458, 838, 500, 500, 675, 716, 593, 716, 679, 436, 716, 712, 343, 343, 666,
    343, 1042, 712, 688, 716, 716, 494, 596, 479, 712, 652, 924, 646, 652, 583, 712, 366, 712, 838,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_their_room_and_keep_every_letter() {
        let long = "a-very-long-label".repeat(4);
        let texts = [
            "a few short words",
            "shop.example.com",
            "/health",
            &long,
            "日本語のメール@example.com",
        ];
        for text in texts {
            for room in [40, 90, 300] {
                let lines = wrap(text, Face::Plain, room);
                for line in &lines {
                    assert!(width(line, Face::Plain) <= room, "{line}: wider than {room}");
                }
                let letters = |text: &str| text.replace(' ', "");
                assert_eq!(letters(&lines.concat()), letters(text));
            }
        }
    }

    #[test]
    fn a_long_text_loses_its_middle() {
        assert_eq!(shortened("/health", 9), "/health");
        assert_eq!(shortened("/a/very/long/path", 9), "/a/v…path");
    }
}

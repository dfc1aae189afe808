//! Values that several sections take.

use std::io::ErrorKind;
use std::path::Path;

use super::takes::wrong;
use crate::names::NameError;

/// An enum of words: the site file and the templates spell them alike.
macro_rules! words {
    (
        $(#[$attribute:meta])*
        $name:ident,
        $($(#[$variant_attribute:meta])* $variant:ident = $word:literal),+ $(,)?
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_attribute])* $variant,)+
        }

        impl $crate::config::takes::Word for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            const WORDS: &'static [&'static str] = &[$($word),+];
        }

        impl $name {
            /// As the site file and the templates spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(in crate::config) use words;

words! {
    /// Whether an option is used.
    Switch,
    /// It is.
    On = "on",
    /// It is not.
    Off = "off",
}

impl Switch {
    /// Whether it is on.
    #[must_use]
    pub const fn is_on(self) -> bool {
        matches!(self, Self::On)
    }

    /// On if `condition` holds.
    #[must_use]
    pub const fn on_if(condition: bool) -> Self {
        if condition { Self::On } else { Self::Off }
    }
}

/// An address to send notices to.
pub(super) fn email(text: &str) -> Result<String, NameError> {
    match text.split_once('@') {
        Some((user, domain)) if !user.is_empty() && domain.contains('.') && !text.contains(' ') => {
            // A domain is the same in any case, and SNS refuses to subscribe an address twice.
            Ok(format!("{user}@{}", domain.to_ascii_lowercase()))
        }
        _ => wrong("an e-mail address, such as `ops@example.com`"),
    }
}

/// What a file holds that is named relative to the folder of the site file, or why it cannot be had.
pub(super) fn beside(folder: &Path, name: &str) -> Result<Vec<u8>, String> {
    let path = folder.join(name);
    let shown = path.display();
    std::fs::read(&path).map_err(|error| {
        if error.kind() == ErrorKind::NotFound {
            return format!("there is no file `{shown}`");
        }
        format!("`{shown}` cannot be read: {error}")
    })
}

//! S3 objects.

use std::path::Path;

use async_trait::async_trait;

use site::names::Region;

use super::Result;
use crate::guard::proof::{Fresh, Permit};

/// What is kept under a name.
#[async_trait]
pub trait Storage: Send + Sync {
    /// Stores a file unless the key is taken: keys carry a hash of the content, so a taken key holds the same.
    async fn put_object(
        &self,
        permit: &Permit,
        region: &Region,
        bucket: &str,
        key: &str,
        file: &Path,
    ) -> Result<Put>;

    /// Deletes every version of every object, and every delete marker. Answers how many. A bucket that is not there is empty.
    async fn empty_bucket(&self, bucket: Fresh<Bucket>) -> Result<usize>;
}

/// What storing an object came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It was stored.
    Stored,
    /// It was there already.
    Present,
}

/// The bucket that the site's own template made.
#[derive(Debug)]
pub struct Bucket {
    /// Where.
    pub region: Region,
    /// Its name.
    pub name: String,
}

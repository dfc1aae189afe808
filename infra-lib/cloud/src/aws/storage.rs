//! S3 and SSM.

use std::path::Path;

use async_trait::async_trait;
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, Error as Undeleted, ObjectIdentifier};

use site::names::Region;

use super::super::{CloudError, Put, Result, Storage};
use super::Aws;
use super::call::{Call, if_there, is_absent};
use crate::Bucket;
use crate::guard::{Fresh, Permit};

// BOUND: a page holds 1,000 versions; a site keeps some tens of zips.
const PAGES_MAX: usize = 100;

#[async_trait]
impl Storage for Aws {
    async fn put_object(
        &self,
        _permit: &Permit,
        region: &Region,
        bucket: &str,
        key: &str,
        file: &Path,
    ) -> Result<Put> {
        let client = self.clients(region).s3;
        let call = Call::new("HeadObject", region);
        let head = client.head_object().bucket(bucket).key(key).send().await;
        match head {
            Ok(_) => return Ok(Put::Present),
            Err(error) if error.as_service_error().is_some_and(HeadObjectError::is_not_found) => {}
            Err(error) => return Err(call.failure(&error)),
        }
        let call = Call::new("PutObject", region);
        let content = std::fs::read(file).map_err(|_| call.lacks("a readable file to send"))?;
        let request = client.put_object().bucket(bucket).key(key).body(ByteStream::from(content));
        call.answer(request.send().await)?;
        Ok(Put::Stored)
    }

    async fn empty_bucket(&self, bucket: Fresh<Bucket>) -> Result<usize> {
        let (region, bucket) = (&bucket.region, &bucket.name);
        let client = self.clients(region).s3;
        let mut deleted = 0;
        for _ in 0..PAGES_MAX {
            let call = Call::new("ListObjectVersions", region);
            let request = client.list_object_versions().bucket(bucket);
            let answer = call.answer(request.send().await);
            let Some(answer) = if_there(answer, is_absent)? else { return Ok(deleted) };
            let versions = answer.versions.unwrap_or_default().into_iter();
            let markers = answer.delete_markers.unwrap_or_default().into_iter();
            let found = versions.map(|version| (version.key, version.version_id));
            let found = found.chain(markers.map(|marker| (marker.key, marker.version_id)));
            let call = Call::new("DeleteObjects", region);
            let objects = found
                .filter_map(|(key, version)| Some((key?, version)))
                .map(|(key, version)| {
                    ObjectIdentifier::builder().key(key).set_version_id(version).build()
                })
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| call.unbuilt(&error))?;
            if objects.is_empty() {
                return Ok(deleted);
            }
            let asked = objects.len();
            let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
            let delete = delete.map_err(|error| call.unbuilt(&error))?;
            let request = client.delete_objects().bucket(bucket).delete(delete);
            let answer = call.answer(request.send().await)?;
            let failed = answer.errors.unwrap_or_default();
            deleted += asked.saturating_sub(failed.len());
            failed
                .into_iter()
                .next()
                .map_or(Ok(()), |first| Err(undeleted(&call, first, deleted)))?;
        }
        // A page that is deleted is never seen again, so this one has stopped short of the end.
        Err(Call::new("ListObjectVersions", region).cut(PAGES_MAX))
    }
}

/// What AWS says of a version that it did not delete, in an answer with status 200.
fn undeleted(call: &Call, first: Undeleted, deleted: usize) -> CloudError {
    let object = first.key.unwrap_or_default();
    let said = first.message.unwrap_or_else(|| "no message".to_owned());
    let detail = format!("`{object}`: {said}; object versions deleted before: {deleted}");
    call.refused(first.code.unwrap_or_else(|| "unknown".to_owned()), detail)
}

//! Narrows what is known of the API server's clock, where a protocol goes by it.

use std::time::Duration;

use jiff::SignedDuration;

use super::Reader;
use crate::error::Result;
use crate::model::Key;

/// Each try halves what is not known, from half a second on; a slow connection cannot be better than its round trip.
const TRIES: u32 = 8;

impl Reader {
    /// Reads a Lease just when the server's clock should come to the next second: its `Date` tells on which side that was.
    /// Takes a second for each halving, until the error is no more than `wanted` or does not shrink any more.
    ///
    /// # Errors
    ///
    /// Where the Lease cannot be read.
    pub async fn settle_clock(&self, lease: &Key, wanted: SignedDuration) -> Result<()> {
        for _ in 0..TRIES {
            let now = self.now();
            if now.error <= wanted {
                break;
            }
            let passed = u64::try_from(now.at.subsec_nanosecond()).unwrap_or(0);
            tokio::time::sleep(Duration::from_secs(1).saturating_sub(Duration::from_nanos(passed))).await;
            self.lease(lease).await?;
        }
        Ok(())
    }
}

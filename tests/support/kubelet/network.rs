//! Addresses for Nodes and Pods: all of 127.0.0.0/8 is this machine, on Linux without any set-up.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// A kubelet's port, on which nothing else listens.
const CLAIM_PORT: u16 = 10250;
/// 127.0 is everybody's, and 127.53 is often a resolver's.
const BLOCKS: std::ops::Range<u8> = 64..255;

/// A block 127.N.0.0/16 that no other test run on this machine uses.
pub(super) struct Network {
    block: u8,
    next: AtomicU16,
    // Listening is the claim: the kernel gives it up for us, however this process ends.
    _claim: TcpListener,
}

impl Network {
    pub(super) fn claim() -> Self {
        BLOCKS
            .into_iter()
            .find_map(|block| {
                let claim = TcpListener::bind((Ipv4Addr::new(127, block, 0, 1), CLAIM_PORT)).ok()?;
                Some(Self { block, next: AtomicU16::new(2), _claim: claim })
            })
            .expect("one of 190 blocks of loopback addresses is free")
    }

    /// An address that no other call returns.
    pub(super) fn address(&self) -> Ipv4Addr {
        let [high, low] = self.next.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        Ipv4Addr::new(127, self.block, high, low)
    }
}

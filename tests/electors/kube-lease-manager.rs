//! An elector that uses kube-lease-manager in the way klag-exporter does.

use std::process::ExitCode;

use elector_contract::{Defaults, Elector, Failure};
use kube::Client;
use kube_lease_manager::{LeaseCreateMode, LeaseManager, LeaseManagerBuilder};
use tokio::{select, time::sleep};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let defaults = Defaults {
        lease_duration: kube_lease_manager::DEFAULT_LEASE_DURATION_SECONDS,
        grace_period: kube_lease_manager::DEFAULT_LEASE_GRACE_SECONDS,
    };
    elector_contract::run(defaults, compete).await
}

async fn compete(elector: Elector) -> Result<(), Failure> {
    let manager = match new_manager(&elector).await {
        Ok(manager) => manager,
        Err(error) => {
            // klag-exporter stays a standby for ever.
            elector.error(error);
            elector.shutdown().await;
            return Ok(());
        }
    };

    let (mut leading, task) = manager.watch().await;
    let mut acting = false;
    loop {
        let leads = *leading.borrow_and_update();
        if acting && !leads {
            // As one that ends a collection first.
            select! {
                () = sleep(elector.linger) => {}
                () = elector.shutdown() => break,
            }
        }
        acting = leads;
        elector.set_acting(leads);
        select! {
            changed = leading.changed() => if changed.is_err() { break },
            () = elector.shutdown() => break,
        }
    }
    elector.set_acting(false);

    // The library releases the Lease when nobody listens any more.
    drop(leading);
    task.await??;
    Ok(())
}

async fn new_manager(elector: &Elector) -> Result<LeaseManager, Failure> {
    let client = Client::try_default().await?;
    let manager = LeaseManagerBuilder::new(client, &elector.lease)
        .with_namespace(&elector.namespace)
        .with_identity(&elector.identity)
        .with_duration(elector.lease_duration.as_secs())
        .with_grace(elector.grace_period.as_secs())
        .with_create_mode(LeaseCreateMode::AutoCreate)
        .build()
        .await?;
    Ok(manager)
}

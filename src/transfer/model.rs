//! The protocol beside real electors, in every order in which things can happen: a model, and `stateright` to check it.
//!
//! The protocol is the [`Machine`](super::Machine) that runs, the electors are those of the simulator, and the Lease is
//! [`Place`](crate::model::write::Place). Between them is what nobody decides: how long each message takes (nothing, or
//! as long as is assumed at the most), what is drawn (the least or the most), what is first of what is due at the same
//! instant, when hactl is killed or interrupted, whether what it has sent still arrives, which answers are lost, and what
//! others do meanwhile. Each of them is followed.
//!
//! What must be so, in every state:
//! - two never lead for longer than an instant;
//! - somebody leads again within a bound, which stands with its derivation in `election`: counted from when nobody led
//!   while a transfer is under way, and from its end after that, also after `kill -9`;
//! - who is said to lead does, and where it is said that nothing was changed, hactl has changed nothing.
//!
//! A state has no date ([`Relative`](crate::model::write::relative::Relative)), so that there are finitely many although
//! an election goes on for ever. What bounds the search is how many messages are late in one run (two or so: each test
//! says), and for how long an election is followed after the end. `TRANSFER_MODEL=long cargo test --lib transfer::model`
//! follows one late message more, for several minutes. With `-- --nocapture` each question says how many states it had.
//!
//! What is not modelled: clocks that differ, outages that are longer than a request, and a process that stands still.
//! A message that takes no time leaves two writes with the same date, which no API server would.

mod arena;
mod checker;
mod choice;
mod election;
mod event;
mod process;
mod run;
mod tests;
mod world;
mod wrong;

//! hactl.
fn main() {}

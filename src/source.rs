//! The other places that facts come from: manifests in files, in folders, and on the standard input.
//!
//! [`manifest::read`] gives every object with the place where it stands, and every document that is no object, or is
//! one that something is wrong with, as a [`Problem`](problem::Problem). What a problem means for a verdict is not said
//! here. No text of a document is ever quoted but the name of a field: it could be a Secret's.

pub mod manifest;
pub mod problem;
pub mod text;

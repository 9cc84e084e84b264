//! Not built yet.

/// What is to go wrong.
#[derive(Default)]
pub struct Faults {}

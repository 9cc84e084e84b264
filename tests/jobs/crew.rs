//! How a crew behaves.

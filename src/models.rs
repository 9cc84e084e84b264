//! Proof that a model key works: one tiny inference.

//! The durable queue on the store, and the worker loop.

//! The steps, in order.

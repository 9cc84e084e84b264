//! Whole deployments.

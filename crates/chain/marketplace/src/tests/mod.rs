//! Tests over all modules.

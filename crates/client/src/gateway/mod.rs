//! Talks to a provider.

//! From a lease to what runs, and back.
//!
//! [`plan`] compares what should be with what is, [`money`] says when to withdraw; both are pure. [`funds`] knows how
//! long the money lasts. [`reconciler`] reads the facts, performs the actions and keeps, in [`records`], the little
//! that neither chain nor cluster remembers.
//!
//! Invariants: nothing is stopped or closed but for a confirmed "no". Every action may be repeated. A pass is
//! complete in itself: whatever was missed before, the next pass sees.
//!
//! It does not know orders, bids and prices.

pub mod funds;
pub mod money;
pub mod plan;
pub mod reconciler;
pub mod records;

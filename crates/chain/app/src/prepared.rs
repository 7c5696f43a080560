//! A transaction that was read and judged before it meets the state of admission.

use akash_kernel::{BlockInfo, Ctx, GasMeter, Mode, TxError};
use akash_store::Overlay;

use crate::ante;
use crate::core::Core;
use crate::outcome::{Sender, TxOutcome, panicked};
use crate::run::Validity;
use crate::transaction::{Transaction, Verified};

/// Decoded and bound to its code, within all stateless bounds; its signatures and messages were judged as far as a
/// committed state could. Keep it while the transaction waits, and no check has to read the bytes again.
pub struct PreparedTx {
    pub(crate) tx: Transaction,
    /// Known when the signatures are good, for only then the messages were looked at.
    pub(crate) validity: Validity,
}

impl PreparedTx {
    pub(crate) fn new(
        core: &Core,
        overlay: &mut Overlay,
        block: &BlockInfo,
        bytes: &[u8],
    ) -> Result<Self, Box<TxOutcome>> {
        let mut tx = Transaction::read(&core.registry, bytes)
            .map_err(|unreadable| Box::new(TxOutcome::refused(unreadable.in_detail())))?;
        let mut ctx = Ctx::new(overlay, block, Mode::Check, GasMeter::unlimited());
        match judge(&mut ctx, &tx, core) {
            Ok(Some(verified)) => {
                tx.set_verified(verified);
                Ok(Self { tx, validity: Validity::Known })
            }
            Ok(None) => Ok(Self { tx, validity: Validity::Unknown }),
            Err(error) => {
                let reject = match error {
                    TxError::Reject(reject) => reject,
                    TxError::Fault(text) => panicked(&text),
                };
                let (gas_wanted, sender) = (tx.fee().gas_limit, tx.sender());
                Err(Box::new(TxOutcome { gas_wanted, sender, ..TxOutcome::refused(reject) }))
            }
        }
    }

    /// Whose it is and what it pays.
    #[must_use]
    pub fn sender(&self) -> Option<Sender> {
        self.tx.sender()
    }

    /// What it may use.
    #[must_use]
    pub fn gas_wanted(&self) -> u64 {
        self.tx.fee().gas_limit
    }

    /// Whether it needs no order among those of its sender.
    #[must_use]
    pub fn is_unordered(&self) -> bool {
        self.tx.body().unordered
    }
}

/// Messages are looked at when somebody is known to have signed them.
fn judge(ctx: &mut Ctx, tx: &Transaction, core: &Core) -> Result<Option<Vec<Verified>>, TxError> {
    let verified = ante::prepare(ctx, tx, &core.environment())?;
    if verified.is_some() {
        tx.validate()?;
    }
    Ok(verified)
}

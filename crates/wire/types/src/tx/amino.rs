//! The amino JSON sign document around a transaction's messages.

use akash_proto::cosmos::tx::v1beta1::{Fee, TxBody};

use super::SignerData;
use crate::amino::{self, AminoError};
use crate::json::tree::Tree;

/// What a signer in `SIGN_MODE_LEGACY_AMINO_JSON` signs. Members are sorted by name; zeros are left out where
/// older clients did not know the member.
pub(super) fn sign_bytes(body: &TxBody, fee: &Fee, signer: &SignerData<'_>) -> Result<Vec<u8>, AminoError> {
    let messages = body.messages.iter().map(amino::any_tree).collect::<Result<_, _>>()?;
    let mut members = vec![
        ("account_number", Tree::text(signer.account_number)),
        ("chain_id", Tree::text(signer.chain_id)),
        ("fee", fee_tree(fee)?),
        ("memo", Tree::text(&body.memo)),
        ("msgs", Tree::List(messages)),
        ("sequence", Tree::text(signer.sequence)),
    ];
    if body.timeout_height != 0 {
        members.push(("timeout_height", Tree::text(body.timeout_height)));
    }
    if let Some(timestamp) = &body.timeout_timestamp {
        members.push(("timeout_timestamp", amino::message_tree(timestamp)?));
    }
    if body.unordered {
        members.push(("unordered", Tree::Bool(true)));
    }
    Ok(object(members).to_text().into_bytes())
}

fn fee_tree(fee: &Fee) -> Result<Tree, AminoError> {
    let amount = fee.amount.iter().map(amino::message_tree).collect::<Result<_, _>>()?;
    let mut members = vec![("amount", Tree::List(amount)), ("gas", Tree::text(fee.gas_limit))];
    for (name, address) in [("granter", &fee.granter), ("payer", &fee.payer)] {
        if !address.is_empty() {
            members.push((name, Tree::text(address)));
        }
    }
    Ok(object(members))
}

fn object(members: Vec<(&str, Tree)>) -> Tree {
    Tree::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

//! Queries of escrow. What they give is the stored state as of `settled_at`; clients reckon the rest.

use akash_kernel::{QueryCtx, QueryError, Registry};
use akash_proto::akash::escrow::types::v1::State;
use akash_proto::akash::escrow::v1::{
    QueryAccountsRequest, QueryAccountsResponse, QueryPaymentsRequest, QueryPaymentsResponse,
};
use akash_proto::cosmos::base::query::v1beta1::PageResponse;
use akash_types::id::{BidId, LeaseId};

use super::account::AccountId;
use super::state::{self, ACCOUNTS, ACCOUNTS_BY_STATE, PAYMENTS, PAYMENTS_BY_STATE, STATES};
use crate::filter::{self, IdFilter};
use crate::{ended, list};

/// First byte of an account's key.
const DEPLOYMENT_SCOPE: u8 = 1;
const BID_SCOPE: u8 = 2;

pub fn register(registry: &mut Registry) {
    registry.query("/akash.escrow.v1.Query/Accounts", accounts);
    registry.query("/akash.escrow.v1.Query/Payments", payments);
}

fn accounts(ctx: &mut QueryCtx, request: QueryAccountsRequest) -> Result<QueryAccountsResponse, QueryError> {
    let (scope, filter) = read_xid(&request.xid)?;
    let state = filter::state(&request.state, State::from_str_name)?.map(state::state_byte);
    let mut prefix: Vec<u8> = state.into_iter().collect();
    if let Some(scope) = scope {
        prefix.push(scope);
        prefix.extend(filter.prefix());
    }

    let request = request.pagination.as_ref();
    let total = |ctx: &mut QueryCtx| match scope {
        None => total_accounts(ctx, state).map(Some),
        Some(_) => Ok(None),
    };
    let (ids, pagination) = match state {
        None => {
            let keep = |id: &AccountId| filter.matches_account(id);
            list::page(ctx, &ACCOUNTS, vec![prefix], request, total, keep)?
        }
        Some(_) => {
            let keep = |(_, id): &(u8, AccountId)| filter.matches_account(id);
            let (keys, page) = list::page(ctx, &ACCOUNTS_BY_STATE, vec![prefix], request, total, keep)?;
            (keys.into_iter().map(|(_, id)| id).collect(), page)
        }
    };
    let mut accounts = Vec::with_capacity(ids.len());
    for id in ids {
        accounts.extend(ACCOUNTS.get(ctx, &id)?);
    }
    Ok(QueryAccountsResponse { accounts, pagination: Some(pagination) })
}

fn payments(ctx: &mut QueryCtx, request: QueryPaymentsRequest) -> Result<QueryPaymentsResponse, QueryError> {
    let (scope, filter) = read_xid(&request.xid)?;
    let state = filter::state(&request.state, State::from_str_name)?.map(state::state_byte);
    if request.xid.split('/').find(|part| !part.is_empty()) == Some("bid") {
        return Ok(QueryPaymentsResponse { payments: Vec::new(), pagination: Some(PageResponse::default()) });
    }
    let mut prefix: Vec<u8> = state.into_iter().collect();
    prefix.extend(filter.prefix());

    let request = request.pagination.as_ref();
    let total = |ctx: &mut QueryCtx| match scope {
        None => total_payments(ctx, state).map(Some),
        Some(_) => Ok(None),
    };
    let matches = |id: &LeaseId| filter.matches_bid(&BidId::from(id.clone()));
    let (ids, pagination) = match state {
        None => list::page(ctx, &PAYMENTS, vec![prefix], request, total, matches)?,
        Some(_) => {
            let keep = |(_, id): &(u8, LeaseId)| matches(id);
            let (keys, page) = list::page(ctx, &PAYMENTS_BY_STATE, vec![prefix], request, total, keep)?;
            (keys.into_iter().map(|(_, id)| id).collect(), page)
        }
    };
    let mut payments = Vec::with_capacity(ids.len());
    for id in ids {
        payments.extend(PAYMENTS.get(ctx, &id)?);
    }
    Ok(QueryPaymentsResponse { payments, pagination: Some(pagination) })
}

fn total_accounts(ctx: &mut QueryCtx, state: Option<u8>) -> Result<u64, QueryError> {
    let states = state.as_ref().map_or(&STATES[..], std::slice::from_ref);
    ended::total(ctx, &state::ENDED_ACCOUNTS, &ACCOUNTS_BY_STATE, states)
}

fn total_payments(ctx: &mut QueryCtx, state: Option<u8>) -> Result<u64, QueryError> {
    let states = state.as_ref().map_or(&STATES[..], std::slice::from_ref);
    ended::total(ctx, &state::ENDED_PAYMENTS, &PAYMENTS_BY_STATE, states)
}

impl IdFilter {
    fn matches_account(&self, id: &AccountId) -> bool {
        match id {
            AccountId::Deployment(id) => self.matches_deployment(id),
            AccountId::Bid(id) => self.matches_bid(id),
        }
    }
}

/// The leading parts of an id: `[deployment/|bid/]owner[/dseq[/gseq[/oseq[/provider]]]]`. Each part is compared whole,
/// so that deployment 12 is not found with 123. Without a scope, an id with more than two parts is a bid's.
fn read_xid(xid: &str) -> Result<(Option<u8>, IdFilter), QueryError> {
    let mut parts: Vec<&str> = xid.split('/').filter(|part| !part.is_empty()).collect();
    let scope = match parts.first() {
        None => return Ok((None, IdFilter::default())),
        Some(&"deployment") => Some(DEPLOYMENT_SCOPE),
        Some(&"bid") => Some(BID_SCOPE),
        Some(_) => None,
    };
    if scope.is_some() {
        parts.remove(0);
    }
    let number = |index: usize| part(&parts, index).parse::<u64>().map_err(|_| wrong(xid));
    let sequence = |index: usize| number(index).and_then(|number| u32::try_from(number).map_err(|_| wrong(xid)));
    if parts.len() > 6 {
        return Err(wrong(xid));
    }
    let filter = IdFilter {
        owner: filter::address(parts.first().copied().unwrap_or_default())?,
        dseq: number(1)?,
        gseq: sequence(2)?,
        oseq: sequence(3)?,
        provider: filter::address(parts.get(4).copied().unwrap_or_default())?,
        bseq: sequence(5)?,
    };
    let by_length = if parts.len() > 2 { BID_SCOPE } else { DEPLOYMENT_SCOPE };
    Ok((Some(scope.unwrap_or(by_length)), filter))
}

fn part<'a>(parts: &[&'a str], index: usize) -> &'a str {
    parts.get(index).copied().unwrap_or("0")
}

fn wrong(xid: &str) -> QueryError {
    QueryError::invalid_argument(format!("{xid:?} is no id of an account or payment, nor the beginning of one"))
}

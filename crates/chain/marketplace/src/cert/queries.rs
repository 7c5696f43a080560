//! The query of the module.

use akash_kernel::{QueryCtx, QueryError, Registry};
use akash_proto::akash::cert::v1::{CertificateResponse, QueryCertificatesRequest, QueryCertificatesResponse, State};
use akash_store::Key;
use akash_types::address::Address;
use akash_types::cert::Serial;

use super::errors::CertError;
use super::state::{self, CERTIFICATES, CERTIFICATES_BY_STATE};
use crate::query_errors::invalid;
use crate::{filter, list};

pub fn register(registry: &mut Registry) {
    registry.query("/akash.cert.v1.Query/Certificates", certificates);
}

struct Filter {
    owner: Option<Address>,
    serial: Option<Vec<u8>>,
    state: Option<State>,
}

fn certificates(
    ctx: &mut QueryCtx,
    request: QueryCertificatesRequest,
) -> Result<QueryCertificatesResponse, QueryError> {
    let filters = request.filter.unwrap_or_default();
    let serial = Some(filters.serial.as_str()).filter(|serial| !serial.is_empty());
    let serial = serial.map(str::parse::<Serial>).transpose().map_err(|_| invalid(CertError::InvalidSerialNumber))?;
    let filter = Filter {
        owner: filter::address(&filters.owner)?,
        serial: serial.map(|serial| serial.as_bytes().to_vec()),
        state: filter::state(&filters.state, State::from_str_name)?,
    };
    let request = request.pagination.as_ref();
    let mut prefix: Vec<u8> = filter.state.map(state::state_byte).into_iter().collect();
    if let Some(owner) = &filter.owner {
        owner.encode(&mut prefix);
        if let Some(serial) = &filter.serial {
            serial.encode(&mut prefix);
        }
    }

    let (ids, pagination) = match filter.state {
        None => {
            let keep = |(_, serial): &(Address, Vec<u8>)| filter.matches(serial);
            list::page(ctx, &CERTIFICATES, vec![prefix], request, |_| Ok(None), keep)?
        }
        Some(_) => {
            let keep = |(_, _, serial): &(u8, Address, Vec<u8>)| filter.matches(serial);
            let (keys, page) = list::page(ctx, &CERTIFICATES_BY_STATE, vec![prefix], request, |_| Ok(None), keep)?;
            (keys.into_iter().map(|(_, owner, serial)| (owner, serial)).collect(), page)
        }
    };
    let mut certificates = Vec::with_capacity(ids.len());
    for id in ids {
        let serial = Serial::from_bytes(&id.1).map_err(|error| QueryError::internal(error.to_string()))?;
        let certificate = CERTIFICATES.get(ctx, &id)?;
        certificates.push(CertificateResponse { certificate, serial: serial.to_string() });
    }
    Ok(QueryCertificatesResponse { certificates, pagination: Some(pagination) })
}

impl Filter {
    /// The range has sorted out state and owner already; a serial without an owner is left to this.
    fn matches(&self, serial: &[u8]) -> bool {
        self.serial.as_ref().is_none_or(|wanted| *wanted == serial)
    }
}

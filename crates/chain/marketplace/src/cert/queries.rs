//! The query of the module.

use akash_kernel::{QueryCtx, QueryError, Registry, page};
use akash_proto::akash::cert::v1::{
    Certificate, CertificateResponse, QueryCertificatesRequest, QueryCertificatesResponse, State,
};
use akash_store::Key;
use akash_types::address::Address;
use akash_types::cert::Serial;

use super::errors::CertError;
use super::state::{self, CERTIFICATES, CERTIFICATES_BY_STATE};
use crate::filter;
use crate::query_errors::invalid;

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

    let (certificates, pagination) = match filter.state {
        None => page::map(ctx, &CERTIFICATES, &prefix, request, |_, (_, serial), certificate| {
            answer(&filter, &serial, certificate)
        })?,
        Some(_) => page::index(ctx, &CERTIFICATES_BY_STATE, &prefix, request, |ctx, (_, owner, serial)| {
            match CERTIFICATES.get(ctx, &(owner, serial.clone()))? {
                Some(certificate) => answer(&filter, &serial, certificate),
                None => Ok(None),
            }
        })?,
    };
    Ok(QueryCertificatesResponse { certificates, pagination: Some(pagination) })
}

/// The range has sorted out state and owner already; a serial without an owner is left to this.
fn answer(filter: &Filter, serial: &[u8], certificate: Certificate) -> Result<Option<CertificateResponse>, QueryError> {
    if filter.serial.as_ref().is_some_and(|wanted| *wanted != serial) {
        return Ok(None);
    }
    let serial = Serial::from_bytes(serial).map_err(|error| QueryError::internal(error.to_string()))?;
    Ok(Some(CertificateResponse { certificate: Some(certificate), serial: serial.to_string() }))
}

//! What several methods do with their arguments: heights and pages.

use crate::blocks::BlockStoreError;
use crate::rpc::params::Args;
use crate::server_state::ServerState;

/// Our own disk failing.
pub fn stored<T>(result: Result<T, BlockStoreError>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

/// The height meant by an argument. `ahead`: how far above the last block a method reaches, by default as well.
pub fn height_of(state: &ServerState, args: &Args, ahead: u64) -> Result<u64, String> {
    let latest = state.snapshot().height + ahead;
    let Some(height) = args.int("height") else { return Ok(latest) };
    let height = match u64::try_from(height) {
        Ok(height) if height > 0 => height,
        _ => return Err(format!("height must be greater than 0, but got {height}")),
    };
    if height > latest {
        return Err(format!("height {height} must be less than or equal to the current blockchain height {latest}"));
    }
    let base = stored(state.blocks.base())?;
    if height < base {
        return Err(format!("height {height} is not available, lowest height is {base}"));
    }
    Ok(height)
}

/// A page of a list of `total`: how many to skip and how many to take.
pub struct Page {
    pub skip: usize,
    pub take: usize,
}

const PER_PAGE_DEFAULT: i64 = 30;
const PER_PAGE_MAX: i64 = 100;

pub fn per_page(given: Option<i64>) -> usize {
    let per_page = match given {
        Some(given) if given >= 1 => given.min(PER_PAGE_MAX),
        _ => PER_PAGE_DEFAULT,
    };
    usize::try_from(per_page).unwrap_or(1)
}

pub fn page_of(args: &Args, total: usize) -> Result<Page, String> {
    let take = per_page(args.int("per_page"));
    let pages = total.div_ceil(take).max(1);
    let page = args.int("page").unwrap_or(1);
    match usize::try_from(page) {
        Ok(number) if (1..=pages).contains(&number) => Ok(Page { skip: (number - 1) * take, take }),
        _ => Err(format!("page should be within [1, {pages}] range, given {page}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpc::params::Kind;
    use serde_json::json;

    #[test]
    fn pages_have_bounds() {
        let page = |value, total| {
            let args = Args::from_json(&[("page", Kind::Int), ("per_page", Kind::Int)], &value).unwrap();
            page_of(&args, total).map(|page| (page.skip, page.take))
        };
        assert_eq!(page(json!({}), 0), Ok((0, 30)));
        assert_eq!(page(json!({"page": "2", "per_page": "500"}), 150), Ok((100, 100)));
        let error = page(json!({"page": "3", "per_page": "100"}), 150).unwrap_err();
        assert_eq!(error, "page should be within [1, 2] range, given 3");
    }
}

//! Validator sets with CometBFT's proposer rotation: pure integer arithmetic, equal on every node.
//!
//! A set belongs to one height. Its priorities are those after that height's step, and the proposer of round 0 is the
//! one whom that step chose; each further round takes one more step on a copy.

use sha2::{Digest as _, Sha256};
use tendermint_proto::v0_38::crypto::{PublicKey, public_key::Sum};
use tendermint_proto::v0_38::types as proto;

/// The largest total power that CometBFT allows; all sums below stay inside an i64.
pub const TOTAL_POWER_MAX: u64 = i64::MAX as u64 / 8;

const PRIORITY_WINDOW: i128 = 2;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ValidatorError {
    #[error("validator set is empty")]
    Empty,
    #[error("validator {0} is removed but not in the set")]
    UnknownRemoved(String),
    #[error("validator {0} is named twice")]
    Duplicate(String),
    #[error("total voting power is above {TOTAL_POWER_MAX}")]
    PowerTooLarge,
    #[error("stored validator set is damaged")]
    Damaged,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validator {
    pub address: [u8; 20],
    pub public_key: [u8; 32],
    pub power: u64,
    pub priority: i64,
}

/// A new power for a key; zero removes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    pub public_key: [u8; 32],
    pub power: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validators {
    members: Vec<Validator>,
    proposer: [u8; 20],
}

pub fn address_of(public_key: &[u8]) -> [u8; 20] {
    let digest: [u8; 32] = Sha256::digest(public_key).into();
    let mut address = [0; 20];
    address.copy_from_slice(&digest[..20]);
    address
}

impl Validators {
    /// The set of the first height.
    pub fn genesis(updates: &[Update]) -> Result<Self, ValidatorError> {
        let mut set = Self { members: Vec::new(), proposer: [0; 20] };
        set.apply(updates)?;
        set.advance();
        Ok(set)
    }

    /// The set of the next height: updates first, then that height's step.
    pub fn next(&self, updates: &[Update]) -> Result<Self, ValidatorError> {
        let mut set = self.clone();
        if !updates.is_empty() {
            set.apply(updates)?;
        }
        set.advance();
        Ok(set)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Validator> {
        self.members.iter()
    }

    /// Never zero.
    pub fn count(&self) -> usize {
        self.members.len()
    }

    pub fn total_power(&self) -> u64 {
        self.members.iter().map(|validator| validator.power).sum()
    }

    pub fn find(&self, address: &[u8]) -> Option<&Validator> {
        self.members.iter().find(|validator| validator.address == address)
    }

    /// Whose turn it is in a round of this height.
    pub fn proposer(&self, round: u32) -> [u8; 20] {
        if round == 0 {
            return self.proposer;
        }
        let mut copy = self.clone();
        copy.rescale_and_centre();
        for _ in 0..round {
            copy.step();
        }
        copy.proposer
    }

    fn apply(&mut self, updates: &[Update]) -> Result<(), ValidatorError> {
        let mut seen = std::collections::BTreeSet::new();
        let mut members = self.members.clone();
        for update in updates {
            let address = address_of(&update.public_key);
            if !seen.insert(address) {
                return Err(ValidatorError::Duplicate(hex::encode_upper(address)));
            }
            match members.iter_mut().find(|validator| validator.address == address) {
                Some(validator) => validator.power = update.power,
                None if update.power == 0 => {
                    return Err(ValidatorError::UnknownRemoved(hex::encode_upper(address)));
                }
                None => members.push(Validator {
                    address,
                    public_key: update.public_key,
                    power: update.power,
                    priority: i64::MIN, // set below, when the total is known
                }),
            }
        }
        let removed_power: u64 = self.members.iter().filter(|old| is_removed(updates, old)).map(|old| old.power).sum();
        let total = members
            .iter()
            .try_fold(removed_power, |sum, validator| sum.checked_add(validator.power))
            .filter(|total| *total <= TOTAL_POWER_MAX)
            .ok_or(ValidatorError::PowerTooLarge)?;
        let total = i64::try_from(total).map_err(|_| ValidatorError::PowerTooLarge)?;
        for validator in members.iter_mut().filter(|validator| validator.priority == i64::MIN) {
            validator.priority = -(total + (total >> 3));
        }
        members.retain(|validator| validator.power > 0);
        if members.is_empty() {
            return Err(ValidatorError::Empty);
        }
        members.sort_by(|a, b| b.power.cmp(&a.power).then(a.address.cmp(&b.address)));
        self.members = members;
        self.rescale_and_centre();
        Ok(())
    }

    fn advance(&mut self) {
        self.rescale_and_centre();
        self.step();
    }

    /// Keeps the distance of priorities within twice the total power and their average at zero.
    fn rescale_and_centre(&mut self) {
        let window = PRIORITY_WINDOW * i128::from(self.total_power());
        let priorities = || self.members.iter().map(|validator| i128::from(validator.priority));
        let distance = priorities().max().unwrap_or(0) - priorities().min().unwrap_or(0);
        if window > 0 && distance > window {
            let ratio = (distance + window - 1) / window;
            for validator in &mut self.members {
                validator.priority = clip(i128::from(validator.priority) / ratio);
            }
        }
        let sum: i128 = self.members.iter().map(|validator| i128::from(validator.priority)).sum();
        let average = sum.div_euclid(self.members.len().max(1) as i128);
        for validator in &mut self.members {
            validator.priority = clip(i128::from(validator.priority) - average);
        }
    }

    fn step(&mut self) {
        let total = i128::from(self.total_power());
        for validator in &mut self.members {
            validator.priority = clip(i128::from(validator.priority) + i128::from(validator.power));
        }
        let chosen = self.members.iter_mut().max_by(|a, b| a.priority.cmp(&b.priority).then(b.address.cmp(&a.address)));
        if let Some(validator) = chosen {
            validator.priority = clip(i128::from(validator.priority) - total);
            self.proposer = validator.address;
        }
    }

    pub fn to_tendermint(&self) -> tendermint::validator::Set {
        let info = |validator: &Validator| {
            let key = tendermint::PublicKey::from_raw_ed25519(&validator.public_key)?;
            let power = tendermint::vote::Power::try_from(validator.power).ok()?;
            let mut info = tendermint::validator::Info::new(key, power);
            info.proposer_priority = validator.priority.into();
            Some(info)
        };
        tendermint::validator::Set::without_proposer(self.members.iter().filter_map(info).collect())
    }

    pub fn to_proto(&self) -> proto::ValidatorSet {
        let validator = |validator: &Validator| proto::Validator {
            address: validator.address.to_vec(),
            pub_key: Some(PublicKey { sum: Some(Sum::Ed25519(validator.public_key.to_vec())) }),
            voting_power: validator.power as i64,
            proposer_priority: validator.priority,
        };
        proto::ValidatorSet {
            validators: self.members.iter().map(validator).collect(),
            proposer: self.find(&self.proposer).map(validator),
            total_voting_power: self.total_power() as i64,
        }
    }

    pub fn from_proto(set: proto::ValidatorSet) -> Result<Self, ValidatorError> {
        let validator = |validator: proto::Validator| {
            let Some(Sum::Ed25519(key)) = validator.pub_key.and_then(|key| key.sum) else { return None };
            let public_key: [u8; 32] = key.try_into().ok()?;
            let power = u64::try_from(validator.voting_power).ok()?;
            Some(Validator {
                address: address_of(&public_key),
                public_key,
                power,
                priority: validator.proposer_priority,
            })
        };
        let proposer = set.proposer.and_then(validator).ok_or(ValidatorError::Damaged)?.address;
        let members: Option<Vec<_>> = set.validators.into_iter().map(validator).collect();
        let members = members.filter(|members| !members.is_empty()).ok_or(ValidatorError::Damaged)?;
        let total = members.iter().try_fold(0u64, |sum, validator| sum.checked_add(validator.power));
        let is_member = members.iter().any(|validator| validator.address == proposer);
        if !is_member || total.is_none_or(|total| total > TOTAL_POWER_MAX) {
            return Err(ValidatorError::Damaged);
        }
        Ok(Self { members, proposer })
    }
}

fn is_removed(updates: &[Update], validator: &Validator) -> bool {
    updates.iter().any(|update| update.power == 0 && update.public_key == validator.public_key)
}

fn clip(value: i128) -> i64 {
    value.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> [u8; 32] {
        ed25519_consensus::SigningKey::from([byte; 32]).verification_key().to_bytes()
    }

    fn set(powers: &[u64]) -> Validators {
        let updates: Vec<_> =
            powers.iter().zip(1..).map(|(power, byte)| Update { public_key: key(byte), power: *power }).collect();
        Validators::genesis(&updates).unwrap()
    }

    #[test]
    fn turns_are_shared_by_power() {
        let mut set = set(&[1, 2, 3, 4]);
        let mut turns = std::collections::BTreeMap::<[u8; 20], u64>::new();
        for _ in 0..100 {
            *turns.entry(set.proposer(0)).or_default() += 1;
            set = set.next(&[]).unwrap();
        }
        for validator in set.iter() {
            assert_eq!(turns[&validator.address], validator.power * 10);
        }
    }

    #[test]
    fn a_round_is_one_step_ahead() {
        let set = set(&[5, 5, 5]);
        assert_eq!(set.proposer(1), set.next(&[]).unwrap().proposer(0));
        let three: std::collections::BTreeSet<_> = (0..3).map(|round| set.proposer(round)).collect();
        assert_eq!(three.len(), 3);
    }

    #[test]
    fn newcomer_waits_and_priorities_stay_centred() {
        let set = set(&[10, 10]).next(&[Update { public_key: key(9), power: 10 }]).unwrap();
        assert_ne!(set.proposer(0), address_of(&key(9)));
        let sum: i64 = set.iter().map(|validator| validator.priority).sum();
        assert!(sum.abs() < 3, "{sum}");
    }

    #[test]
    fn bad_updates_are_refused() {
        let set = set(&[10]);
        let remove = |byte| Update { public_key: key(byte), power: 0 };
        assert_eq!(set.next(&[remove(1)]), Err(ValidatorError::Empty));
        assert!(matches!(set.next(&[remove(2)]), Err(ValidatorError::UnknownRemoved(_))));
        let large = Update { public_key: key(3), power: TOTAL_POWER_MAX };
        assert_eq!(set.next(&[large]), Err(ValidatorError::PowerTooLarge));
    }

    #[test]
    fn storage_form_keeps_the_proposer() {
        let set = set(&[3, 1]);
        assert_eq!(Validators::from_proto(set.to_proto()).unwrap(), set);
    }

    #[test]
    fn hash_is_that_of_the_published_vector() {
        let key: Vec<u8> = (0..32).collect();
        assert_eq!(hex::encode_upper(address_of(&key)), "630DCD2966C4336691125448BBB25B4FF412A49C");
    }
}

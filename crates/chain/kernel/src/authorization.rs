//! What one account lets another do in its name.

use prost::{Message, Name};
use prost_types::Any;

use crate::ctx::Ctx;
use crate::error::TxError;
use crate::registry::type_url;
use crate::sdk_error;

/// What becomes of a grant by whose right a message runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Acceptance<A> {
    /// It stays as it is.
    Unchanged,
    /// It goes on with these contents: less is left of it.
    Keep(A),
    /// It is used up.
    Delete,
}

impl<A> Acceptance<A> {
    /// The same verdict over another form of the authorization.
    pub fn map<B>(self, convert: impl FnOnce(A) -> B) -> Acceptance<B> {
        match self {
            Self::Unchanged => Acceptance::Unchanged,
            Self::Keep(rest) => Acceptance::Keep(convert(rest)),
            Self::Delete => Acceptance::Delete,
        }
    }
}

/// Names the message that an authorization is about.
pub type AuthorizedMessage<A> = for<'a> fn(&'a A) -> &'a str;
/// What can be said of an authorization without state.
pub type ValidateAuthorization<A> = fn(&A) -> Result<(), TxError>;
/// Decides whether a message may run, and what is left of the right afterwards.
pub type AcceptMessage<A> = fn(&mut Ctx, &A, &Any) -> Result<Acceptance<A>, TxError>;

/// An authorization, decoded, with the code that belongs to its kind.
pub trait BoundAuthorization: Send + Sync {
    /// The type URL of the message that it is about.
    fn msg_type_url(&self) -> &str;

    /// What can be said without state.
    fn validate(&self) -> Result<(), TxError>;

    /// Whether `message`, which is of the type named by [`Self::msg_type_url`], may run.
    fn accept(&self, ctx: &mut Ctx, message: &Any) -> Result<Acceptance<Any>, TxError>;
}

/// Decodes an authorization of one kind.
pub(crate) type BindAuthorization = Box<dyn Fn(&[u8]) -> Result<Box<dyn BoundAuthorization>, TxError> + Send + Sync>;

pub(crate) fn bind<A>(
    message: AuthorizedMessage<A>,
    validate: ValidateAuthorization<A>,
    accept: AcceptMessage<A>,
) -> BindAuthorization
where
    A: Message + Name + Default + 'static,
{
    Box::new(move |bytes| {
        let authorization = A::decode(bytes).map_err(|error| sdk_error::tx_decode(error.to_string()))?;
        Ok(Box::new(Bound { authorization, message, validate, accept }))
    })
}

struct Bound<A> {
    authorization: A,
    message: AuthorizedMessage<A>,
    validate: ValidateAuthorization<A>,
    accept: AcceptMessage<A>,
}

impl<A: Message + Name> BoundAuthorization for Bound<A> {
    fn msg_type_url(&self) -> &str {
        (self.message)(&self.authorization)
    }

    fn validate(&self) -> Result<(), TxError> {
        (self.validate)(&self.authorization)
    }

    fn accept(&self, ctx: &mut Ctx, message: &Any) -> Result<Acceptance<Any>, TxError> {
        let acceptance = (self.accept)(ctx, &self.authorization, message)?;
        Ok(acceptance.map(|rest| Any { type_url: type_url::<A>(), value: rest.encode_to_vec() }))
    }
}

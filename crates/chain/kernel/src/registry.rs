//! Which code answers which message and query.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use akash_types::address::Address;
use prost::{Message, Name};
use prost_types::Any;

use crate::authorization::{
    self, AcceptMessage, AuthorizedMessage, BindAuthorization, BoundAuthorization, ValidateAuthorization,
};
use crate::ctx::Ctx;
use crate::error::TxError;
use crate::query::{QueryCtx, QueryError};
use crate::sdk_error;

type Signers<M> = fn(&M) -> Result<Vec<Address>, TxError>;
type Validate<M> = fn(&M) -> Result<(), TxError>;
type Handler<M, R> = fn(&mut Ctx, M) -> Result<R, TxError>;

/// A message of a transaction, decoded, with the code that belongs to it.
pub trait BoundMessage: Send + Sync {
    /// The message's type URL.
    fn type_url(&self) -> &str;

    /// Who has to sign, without repetition checks.
    fn signers(&self) -> Result<Vec<Address>, TxError>;

    /// What can be said without state.
    fn validate(&self) -> Result<(), TxError>;

    /// Runs the handler and wraps its answer.
    fn execute(self: Box<Self>, ctx: &mut Ctx) -> Result<Any, TxError>;
}

type Bind = Box<dyn Fn(&[u8]) -> Result<Box<dyn BoundMessage>, TxError> + Send + Sync>;
type Answer = Box<dyn Fn(&mut QueryCtx, &[u8]) -> Result<Vec<u8>, QueryError> + Send + Sync>;

/// The code behind a query.
pub struct QueryRoute {
    answer: Answer,
}

impl QueryRoute {
    /// Decodes the request, runs the handler, encodes the answer.
    pub fn call(&self, ctx: &mut QueryCtx, request: &[u8]) -> Result<Vec<u8>, QueryError> {
        (self.answer)(ctx, request)
    }
}

/// Messages and kinds of authorization by type URL, and queries by path. Filled once at start.
#[derive(Default)]
pub struct Registry {
    messages: BTreeMap<String, Bind>,
    queries: BTreeMap<&'static str, QueryRoute>,
    authorizations: BTreeMap<String, BindAuthorization>,
}

impl Registry {
    /// Registers a message: who signs it, what can be checked without state, and its handler.
    ///
    /// # Panics
    /// When the type is registered already.
    pub fn message<M, R>(&mut self, signers: Signers<M>, validate: Validate<M>, handler: Handler<M, R>)
    where
        M: Message + Name + Default + 'static,
        R: Message + Name + 'static,
    {
        let bind: Bind = Box::new(move |bytes| {
            let message = M::decode(bytes).map_err(|error| sdk_error::tx_decode(error.to_string()))?;
            let type_url = type_url::<M>();
            Ok(Box::new(Bound::<M, R> { type_url, message, signers, validate, handler, answer: PhantomData }))
        });
        let replaced = self.messages.insert(type_url::<M>(), bind);
        assert!(replaced.is_none(), "message {} is registered twice", M::full_name());
    }

    /// Registers a query under its full method path, `/akash.market.v1beta5.Query/Orders`.
    ///
    /// # Panics
    /// When the path is registered already.
    pub fn query<Q, R>(&mut self, path: &'static str, handler: fn(&mut QueryCtx, Q) -> Result<R, QueryError>)
    where
        Q: Message + Default + 'static,
        R: Message + 'static,
    {
        let answer: Answer = Box::new(move |ctx, bytes| {
            let request = Q::decode(bytes).map_err(|error| QueryError::invalid_argument(error.to_string()))?;
            Ok(handler(ctx, request)?.encode_to_vec())
        });
        let replaced = self.queries.insert(path, QueryRoute { answer });
        assert!(replaced.is_none(), "query {path} is registered twice");
    }

    /// Registers a kind of authorization: which message it is about, what can be checked without state, and whether it
    /// lets a message run.
    ///
    /// # Panics
    /// When the type is registered already.
    pub fn authorization<A>(
        &mut self,
        message: AuthorizedMessage<A>,
        validate: ValidateAuthorization<A>,
        accept: AcceptMessage<A>,
    ) where
        A: Message + Name + Default + 'static,
    {
        let replaced = self.authorizations.insert(type_url::<A>(), authorization::bind(message, validate, accept));
        assert!(replaced.is_none(), "authorization {} is registered twice", A::full_name());
    }

    /// Decodes an authorization and finds its code; nothing when its kind is not known.
    pub fn bind_authorization(&self, authorization: &Any) -> Option<Result<Box<dyn BoundAuthorization>, TxError>> {
        self.authorizations.get(&authorization.type_url).map(|bind| bind(&authorization.value))
    }

    /// Decodes a message and finds its code.
    pub fn bind(&self, message: &Any) -> Result<Box<dyn BoundMessage>, TxError> {
        match self.messages.get(&message.type_url) {
            Some(bind) => bind(&message.value),
            None => Err(no_handler(&message.type_url)),
        }
    }

    /// Whether a message has a handler.
    #[must_use]
    pub fn has_message(&self, type_url: &str) -> bool {
        self.messages.contains_key(type_url)
    }

    /// The code behind a path.
    #[must_use]
    pub fn query_route(&self, path: &str) -> Option<&QueryRoute> {
        self.queries.get(path)
    }

    /// All type URLs, sorted.
    pub fn message_types(&self) -> impl Iterator<Item = &str> {
        self.messages.keys().map(String::as_str)
    }

    /// All query paths, sorted.
    pub fn query_paths(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.queries.keys().copied()
    }
}

struct Bound<M, R> {
    type_url: String,
    message: M,
    signers: Signers<M>,
    validate: Validate<M>,
    handler: Handler<M, R>,
    answer: PhantomData<fn() -> R>,
}

impl<M, R> BoundMessage for Bound<M, R>
where
    M: Message + Name,
    R: Message + Name,
{
    fn type_url(&self) -> &str {
        &self.type_url
    }

    fn signers(&self) -> Result<Vec<Address>, TxError> {
        (self.signers)(&self.message)
    }

    fn validate(&self) -> Result<(), TxError> {
        (self.validate)(&self.message)
    }

    fn execute(self: Box<Self>, ctx: &mut Ctx) -> Result<Any, TxError> {
        let answer = (self.handler)(ctx, self.message)?;
        Ok(Any { type_url: type_url::<R>(), value: answer.encode_to_vec() })
    }
}

pub(crate) fn type_url<M: Name>() -> String {
    format!("/{}", M::full_name())
}

/// The reference prints the Go type, which is the message's short name in a package called `types`.
fn no_handler(type_url: &str) -> TxError {
    let name = type_url.rsplit(['.', '/']).next().unwrap_or_default();
    sdk_error::unknown_request(format!("no message handler found for *types.{name}"))
}

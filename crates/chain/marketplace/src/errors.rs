//! Error enums of modules: codespace, number and text are wire format.

/// Declares a module's errors, with their place in the codespace and their registered text.
macro_rules! module_errors {
    ($(#[$meta:meta])* $name:ident in $codespace:literal { $($variant:ident = $code:literal $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($variant,)+
        }

        impl $name {
            #[must_use]
            pub fn code(self) -> u32 {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            #[must_use]
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// The error with what was found put in front of its text.
            #[must_use]
            pub fn because(self, found: impl Into<String>) -> akash_kernel::TxError {
                akash_kernel::TxError::from(self).context(found.into())
            }
        }

        impl From<$name> for akash_kernel::TxError {
            fn from(error: $name) -> Self {
                akash_kernel::Reject { codespace: $codespace, code: error.code(), text: error.text().to_owned() }.into()
            }
        }
    };
}

pub(crate) use module_errors;

module_errors! {
    /// Errors of the types that all modules share: attributes and deposits.
    SharedError in "akash" {
        DuplicateAttribute = 1 "attributes cannot have duplicate keys",
        InvalidAttributeKey = 2 "attribute key does not match regexp",
        InvalidDepositor = 3 "invalid depositor",
        InvalidDepositSource = 4 "invalid deposit source",
    }
}

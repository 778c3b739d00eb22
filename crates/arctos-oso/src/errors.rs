//! The errors of `oso` 0.27.
//!
//! INVARIANT: an error of the application's own code travels through the engine unchanged, and is
//! [`OsoError::ApplicationError`] here.

use std::error::Error as StdError;
use std::fmt;
use std::io;

/// Errors of the engine.
pub mod polar {
    use std::fmt;

    /// An error of the policy text or of its evaluation.
    pub struct PolarError(pub(crate) Cause);

    pub(crate) enum Cause {
        Engine(arctos::Error),
        Message(String),
    }

    impl PolarError {
        pub(crate) fn message(text: impl Into<String>) -> Self {
            PolarError(Cause::Message(text.into()))
        }

        /// The engine's own error, where it comes from there.
        pub fn engine(&self) -> Option<&arctos::Error> {
            match &self.0 {
                Cause::Engine(error) => Some(error),
                Cause::Message(_) => None,
            }
        }
    }

    impl From<arctos::Error> for PolarError {
        fn from(error: arctos::Error) -> Self {
            PolarError(Cause::Engine(error))
        }
    }

    impl fmt::Display for PolarError {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match &self.0 {
                Cause::Engine(error) => error.fmt(f),
                Cause::Message(message) => f.write_str(message),
            }
        }
    }

    impl fmt::Debug for PolarError {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "PolarError({self})")
        }
    }

    impl std::error::Error for PolarError {}
}

/// What can go wrong.
#[derive(Debug)]
pub enum OsoError {
    /// A file could not be read.
    Io(io::Error),
    /// The policy or its evaluation.
    Polar(polar::PolarError),
    /// A value did not have the wanted Rust type.
    FromPolar,
    /// A file whose name does not end in `.polar`.
    IncorrectFileType {
        /// The file.
        filename: String,
    },
    /// A fault of this library.
    InvariantError {
        /// Which one.
        source: InvariantError,
    },
    /// A value of the wrong kind.
    TypeError(TypeError),
    /// An operation that a class does not have.
    UnsupportedOperation {
        /// The operation.
        operation: String,
        /// The class.
        type_name: String,
    },
    /// An operation that Rust objects do not have.
    UnimplementedOperation {
        /// The operation.
        operation: String,
    },
    /// An inline query (`?=`) has no answer.
    InlineQueryFailedError {
        /// Where it stands.
        location: String,
    },
    /// A missing attribute or method.
    InvalidCallError(InvalidCallError),
    /// A value that policies cannot see.
    ToPolar,
    /// A class name that is taken.
    DuplicateClassError {
        /// The name.
        name: String,
    },
    /// A class that is not registered.
    MissingClassError {
        /// Its name.
        name: String,
    },
    /// An object that is not known.
    MissingInstanceError,
    /// Anything else.
    Custom {
        /// What happened.
        message: String,
    },
    /// An error that the application's own code returned.
    ApplicationError {
        /// That error.
        source: Box<dyn StdError + 'static + Send + Sync>,
        /// The class whose attribute or method it was.
        type_name: Option<String>,
        /// The attribute or method.
        attr: Option<String>,
    },
}

impl OsoError {
    pub(crate) fn custom(message: impl Into<String>) -> Self {
        OsoError::Custom { message: message.into() }
    }

    /// Names the class, where the error has room for it.
    pub fn type_name(&mut self, name: String) {
        if let OsoError::ApplicationError { type_name, .. } = self {
            *type_name = Some(name);
        }
    }

    /// Names the attribute or method, where the error has room for it.
    pub fn attr(&mut self, name: String) {
        if let OsoError::ApplicationError { attr, .. } = self {
            *attr = Some(name);
        }
    }
}

impl fmt::Display for OsoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OsoError::Io(error) => error.fmt(f),
            OsoError::Polar(error) => error.fmt(f),
            OsoError::FromPolar => f.write_str("a value does not have the Rust type that was asked for"),
            OsoError::IncorrectFileType { filename } => {
                write!(f, "`{filename}` is not a policy file; its name must end in `.polar`")
            }
            OsoError::InvariantError { source } => write!(f, "a fault of this library: {source}"),
            OsoError::TypeError(error) => error.fmt(f),
            OsoError::UnsupportedOperation { operation, type_name } => {
                write!(f, "class `{type_name}` does not have the operation `{operation}`")
            }
            OsoError::UnimplementedOperation { operation } => {
                write!(f, "Rust objects do not have {operation}")
            }
            OsoError::InlineQueryFailedError { location } => {
                write!(f, "the inline query at {location} has no answer")
            }
            OsoError::InvalidCallError(error) => error.fmt(f),
            OsoError::ToPolar => f.write_str("a value cannot be handed to a policy"),
            OsoError::DuplicateClassError { name } => write!(f, "class `{name}` is registered already"),
            OsoError::MissingClassError { name } => write!(f, "class `{name}` is not registered"),
            OsoError::MissingInstanceError => f.write_str("an object is not known"),
            OsoError::Custom { message } => f.write_str(message),
            OsoError::ApplicationError { source, type_name, attr } => {
                let class = type_name.as_deref().unwrap_or("an unknown class");
                let attr = attr.as_deref().unwrap_or("an unknown attribute");
                write!(f, "`{attr}` of `{class}` failed: {source}")
            }
        }
    }
}

impl StdError for OsoError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            OsoError::Io(error) => Some(error),
            OsoError::Polar(error) => Some(error),
            OsoError::InvariantError { source } => Some(source),
            OsoError::ApplicationError { source, .. } => Some(&**source),
            _ => None,
        }
    }
}

impl From<io::Error> for OsoError {
    fn from(error: io::Error) -> Self {
        OsoError::Io(error)
    }
}

impl From<polar::PolarError> for OsoError {
    fn from(error: polar::PolarError) -> Self {
        OsoError::Polar(error)
    }
}

impl From<InvariantError> for OsoError {
    fn from(source: InvariantError) -> Self {
        OsoError::InvariantError { source }
    }
}

impl From<InvalidCallError> for OsoError {
    fn from(error: InvalidCallError) -> Self {
        OsoError::InvalidCallError(error)
    }
}

impl From<arctos::Error> for OsoError {
    /// An error that came from the application through the engine is taken out again, except a missing attribute or
    /// method, which stays an error of the policy.
    fn from(error: arctos::Error) -> Self {
        let is_ours =
            |host: &arctos::HostError| match host.source().and_then(|s| s.downcast_ref::<OsoError>()) {
                Some(ours) => !matches!(ours, OsoError::InvalidCallError(_)),
                None => false,
            };
        if !error.host().is_some_and(is_ours) {
            return OsoError::Polar(error.into());
        }
        match error
            .into_host()
            .and_then(arctos::HostError::into_source)
            .map(|source| source.downcast::<OsoError>())
        {
            Some(Ok(error)) => *error,
            Some(Err(source)) => OsoError::ApplicationError { source, type_name: None, attr: None },
            None => OsoError::MissingInstanceError,
        }
    }
}

/// Faults of this library.
#[derive(Debug)]
pub enum InvariantError {
    /// A method met an object of another class.
    InvalidReceiver(TypeError),
    /// A method was not found where it had been.
    MethodNotFound,
}

impl fmt::Display for InvariantError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InvariantError::InvalidReceiver(error) => {
                write!(f, "a method met an object of another class: {error}")
            }
            InvariantError::MethodNotFound => f.write_str("a method is not where it was"),
        }
    }
}

impl StdError for InvariantError {}

impl From<TypeError> for InvariantError {
    fn from(error: TypeError) -> Self {
        InvariantError::InvalidReceiver(error)
    }
}

/// A value of the wrong kind.
#[derive(Debug)]
pub struct TypeError {
    /// What was found.
    pub got: Option<String>,
    /// What was wanted.
    pub expected: String,
}

impl TypeError {
    /// A value of that kind was wanted.
    pub fn expected<T: Into<String>>(expected: T) -> Self {
        TypeError { got: None, expected: expected.into() }
    }

    /// A value of that kind was found.
    #[must_use]
    pub fn got<T: Into<String>>(mut self, got: T) -> Self {
        self.got = Some(got.into());
        self
    }

    /// As a fault of this library.
    pub fn invariant(self) -> InvariantError {
        self.into()
    }

    /// As a fault of the policy.
    pub fn user(self) -> OsoError {
        OsoError::TypeError(self)
    }
}

impl fmt::Display for TypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected a value of type `{}`", self.expected)?;
        match &self.got {
            Some(got) => write!(f, ", found `{got}`"),
            None => Ok(()),
        }
    }
}

impl StdError for TypeError {}

/// A missing attribute or method.
#[derive(Debug)]
pub enum InvalidCallError {
    /// No such class method.
    ClassMethodNotFound {
        /// The method.
        method_name: String,
        /// The class.
        type_name: String,
    },
    /// No such method.
    MethodNotFound {
        /// The method.
        method_name: String,
        /// The class.
        type_name: String,
    },
    /// No such attribute.
    AttributeNotFound {
        /// The attribute.
        attribute_name: String,
        /// The class.
        type_name: String,
    },
}

impl fmt::Display for InvalidCallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InvalidCallError::ClassMethodNotFound { method_name, type_name } => {
                write!(f, "class `{type_name}` has no class method `{method_name}`")
            }
            InvalidCallError::MethodNotFound { method_name, type_name } => {
                write!(f, "class `{type_name}` has no method `{method_name}`")
            }
            InvalidCallError::AttributeNotFound { attribute_name, type_name } => {
                write!(f, "class `{type_name}` has no attribute `{attribute_name}`")
            }
        }
    }
}

impl StdError for InvalidCallError {}

/// A result whose error is [`OsoError`].
pub type Result<T> = std::result::Result<T, OsoError>;

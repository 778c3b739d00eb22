//! Rust functions as methods of a class, whatever their parameters.
//!
//! A function is called with arguments that borrow from the question, whose lifetime nobody can name when the class is
//! described. So each parameter type appears twice in the bounds below: once as written, from which the compiler learns
//! what it is, and once with the question's lifetime put in ([`FromPolar::As`]).

use crate::rust::from_polar::FromPolar;
use crate::rust::object::Scope;
use crate::rust::to_polar::ToPolar;
use crate::{HostError, HostErrorKind, Term};

/// A function `Fn(&T) -> R` that gives an attribute.
///
/// Implemented for functions and for closures with an annotated parameter (`|user: &User| …`). A closure that returns
/// a borrow goes to [`ClassDescription::field`](crate::rust::ClassDescription::field) instead.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an attribute getter of `{T}`",
    note = "a getter is a function or closure `|it: &{T}| …` whose result implements `ToPolar`",
    note = "for a closure that returns a borrow of a field use `.field(\"name\", |it| &it.name)`"
)]
pub trait Getter<'q, T>: Send + Sync + 'static {
    /// Calls it.
    ///
    /// # Errors
    /// As its result's conversion has them.
    fn get(&self, this: &'q T, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>;
}

impl<'q, T: 'static, F, R> Getter<'q, T> for F
where
    F: Fn(&'q T) -> R + Send + Sync + 'static,
    R: ToPolar + 'q,
{
    fn get(&self, this: &'q T, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        self(this).to_polar(scope)
    }
}

/// A function `Fn(&T, A, B, …) -> R` that is a method, with up to six parameters.
///
/// `Marker` is found by the compiler. Implemented for functions and for closures with annotated parameters.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a method of `{T}`",
    note = "a method is a function or closure `|it: &{T}, a: A, …| …` of up to six parameters",
    note = "each parameter implements `FromPolar` (objects arrive as `&Class`), the result `ToPolar`"
)]
pub trait Method<'q, T, Marker>: Send + Sync + 'static {
    /// Calls it.
    ///
    /// # Errors
    /// Where the arguments are too many, too few or of the wrong kind, or the function fails.
    fn invoke(&self, this: &'q T, arguments: &[Term], scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>;
}

/// A function `Fn(A, B, …) -> R` that is a class method or a constructor, with up to six parameters.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a function that policies can call",
    note = "it takes up to six parameters that implement `FromPolar`; its result implements `ToPolar`"
)]
pub trait Function<'q, Marker>: Send + Sync + 'static {
    /// Calls it.
    ///
    /// # Errors
    /// Where the arguments are too many, too few or of the wrong kind, or the function fails.
    fn invoke(&self, arguments: &[Term], scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>;
}

/// A function of these parameters, as they are written: tells the compiler what they are.
///
/// A trait of its own, because two bounds `Fn` with two results on one type are more than rustdoc can show.
#[doc(hidden)]
pub trait Takes<Parameters> {}

/// Implements [`Takes`] for functions of one number of parameters.
macro_rules! takes {
    ($(($($name:ident),+))*) => {$(
        impl<Fun, R, $($name),+> Takes<($($name,)+)> for Fun where Fun: Fn($($name),+) -> R {}
    )*};
}

takes!((A)(A, B)(A, B, C)(A, B, C, D)(A, B, C, D, E)(A, B, C, D, E, F)(A, B, C, D, E, F, G));

#[cold]
fn wrong_count(wanted: usize, found: usize) -> HostError {
    let plural = if wanted == 1 { "" } else { "s" };
    HostError::new(HostErrorKind::Unsupported, format!("expected {wanted} argument{plural}, found {found}"))
}

impl<'q, T: 'static, F, R> Method<'q, T, fn()> for F
where
    F: Fn(&'q T) -> R + Send + Sync + 'static,
    R: ToPolar + 'q,
{
    fn invoke(&self, this: &'q T, arguments: &[Term], scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        if !arguments.is_empty() {
            return Err(wrong_count(0, arguments.len()));
        }
        self(this).to_polar(scope)
    }
}

impl<'q, F, R> Function<'q, fn()> for F
where
    F: Fn() -> R + Send + Sync + 'static,
    R: ToPolar + 'q,
{
    fn invoke(&self, arguments: &[Term], scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
        if !arguments.is_empty() {
            return Err(wrong_count(0, arguments.len()));
        }
        self().to_polar(scope)
    }
}

/// Implements [`Method`] and [`Function`] for functions of one number of parameters.
macro_rules! arity {
    ($(($count:literal: $($name:ident $value:ident),+))*) => {$(
        impl<'q, T: 'static, F, R, $($name),+> Method<'q, T, fn($($name),+)> for F
        where
            F: Takes<(&'q T, $($name),+)> + Fn(&'q T, $($name::As<'q>),+) -> R + Send + Sync + 'static,
            $($name: FromPolar,)+
            R: ToPolar + 'q,
        {
            fn invoke(&self, this: &'q T, arguments: &[Term], scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
                fn call<S, R, $($name),+>(f: impl Fn(S, $($name),+) -> R, this: S, ($($value,)+): ($($name,)+)) -> R {
                    f(this, $($value),+)
                }
                let [$($value),+] = *arguments else { return Err(wrong_count($count, arguments.len())) };
                let values = scope.values();
                $(let $value = $name::from_polar($value, &values)?;)+
                call::<&'q T, R, $($name::As<'q>),+>(self, this, ($($value,)+)).to_polar(scope)
            }
        }

        impl<'q, F, R, $($name),+> Function<'q, fn($($name),+)> for F
        where
            F: Takes<($($name,)+)> + Fn($($name::As<'q>),+) -> R + Send + Sync + 'static,
            $($name: FromPolar,)+
            R: ToPolar + 'q,
        {
            fn invoke(&self, arguments: &[Term], scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
                fn call<R, $($name),+>(f: impl Fn($($name),+) -> R, ($($value,)+): ($($name,)+)) -> R {
                    f($($value),+)
                }
                let [$($value),+] = *arguments else { return Err(wrong_count($count, arguments.len())) };
                let values = scope.values();
                $(let $value = $name::from_polar($value, &values)?;)+
                call::<R, $($name::As<'q>),+>(self, ($($value,)+)).to_polar(scope)
            }
        }
    )*};
}

arity! {
    (1: A a)
    (2: A a, B b)
    (3: A a, B b, C c)
    (4: A a, B b, C c, D d)
    (5: A a, B b, C c, D d, E e)
    (6: A a, B b, C c, D d, E e, G g)
}

//! The derive macros of `arctos` and `arctos-oso`; use them through those crates.
//!
//! INVARIANT: a macro reports its user's mistakes at the place where they stand, and never panics.

mod attributes;
mod class;
mod oso;

use proc_macro::TokenStream;

/// Makes a type known to policies: implements `arctos::rust::PolarClass`, and `ToPolar` for its values.
///
/// Only what is marked is visible to policies. On the type:
///
/// | `#[polar(…)]` | meaning |
/// |---|---|
/// | `class_name = "…"` | the name policies use, if it is not the type's own |
/// | `eq`, `ord` | objects are compared by `PartialEq`, `PartialOrd` |
/// | `display` | messages show objects by `Display` |
/// | `iter = field` | `x in object` goes over that field |
/// | `methods(a, b)` | methods of the type that policies may call |
/// | `class_methods(a, b)` | functions of the type without `self`: `User.find("ann")` |
/// | `constructor = new` | what `new User(…)` calls |
/// | `transparent` | a newtype: policies see the one field in its place (`one_way`: only from Rust to Polar; `key`: also as a dictionary's key) |
/// | `string` | an enum of unit variants: policies see each as text (`rename_all = "snake_case"`, …) |
///
/// On a field: `attribute` makes it visible, `rename = "…"` under another name; `skip` says that it is not, which is so
/// in any case. On a variant: `rename = "…"`.
///
/// An enum's unit variants become constants (`Color::Red`) that can be compared; variants with fields become classes
/// that inherit from the enum (`Shape::Circle`).
///
/// An example stands at its place in `arctos::rust`.
#[proc_macro_derive(PolarClass, attributes(polar))]
pub fn derive_polar_class(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    class::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Implements `oso::PolarClass` as the crate `oso` 0.27 did; used through `arctos-oso`.
#[doc(hidden)]
#[proc_macro_derive(OsoPolarClass, attributes(polar))]
pub fn derive_oso_polar_class(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    oso::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

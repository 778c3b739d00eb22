//! `#[derive(PolarClass)]` for `arctos-oso`: the attributes of `oso` 0.27, and only those.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, Result};

use crate::attributes::{MemberAttributes, TypeAttributes};
use crate::class::{plain, visible};

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let name = TypeAttributes::read(&input.attrs)?.class_name.unwrap_or_else(|| input.ident.to_string());
    let ty = &input.ident;
    let mut calls = TokenStream::new();
    match &input.data {
        Data::Struct(data) => {
            for (member, name, field) in visible(&data.fields)? {
                calls.extend(quote_spanned! {field.ty.span()=>
                    .add_attribute_getter(#name, |this: &#ty| ::core::clone::Clone::clone(&this.#member))
                });
            }
        }
        Data::Enum(data) => {
            for variant in &data.variants {
                let ident = &variant.ident;
                if !matches!(variant.fields, Fields::Unit) {
                    let message =
                        "only unit variants become constants; `arctos` itself takes enums with fields";
                    return Err(Error::new(ident.span(), message));
                }
                MemberAttributes::variant(&variant.attrs)?;
                let constant = format!("{name}::{}", plain(ident));
                calls.extend(quote_spanned!(ident.span()=> .add_constant(#ty::#ident, #constant)));
            }
        }
        Data::Union(data) => {
            let message = "a union cannot be a class: use a struct or an enum";
            return Err(Error::new(data.union_token.span(), message));
        }
    }
    Ok(quote! {
        #[automatically_derived]
        impl oso::PolarClass for #ty {
            fn get_polar_class_builder() -> oso::ClassBuilder<#ty> {
                oso::Class::builder().name(#name) #calls
            }
        }
    })
}

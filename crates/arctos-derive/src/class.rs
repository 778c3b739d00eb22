//! `#[derive(PolarClass)]` for `arctos`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    Data, DataEnum, DeriveInput, Error, Field, Fields, Generics, Ident, Index, Member, Result, Variant,
};

use crate::attributes::{MemberAttributes, TypeAttributes, renamed};

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let attributes = TypeAttributes::read(&input.attrs)?;
    if let Some(lifetime) = input.generics.lifetimes().next() {
        let message =
            "a type with borrowed fields cannot be a class; borrow the whole object when you ask about it";
        return Err(Error::new(lifetime.span(), message));
    }
    if let Some(transparent) = &attributes.transparent {
        return self::transparent(input, &attributes, transparent);
    }
    if let Some(string) = &attributes.string {
        return self::string(input, &attributes, string);
    }
    let name = attributes.class_name.clone().unwrap_or_else(|| input.ident.to_string());
    let (members, extra) = match &input.data {
        Data::Struct(data) => (struct_members(&data.fields)?, TokenStream::new()),
        Data::Enum(data) => (enum_members(&name, data)?, unit_enum_values(input, data)?),
        Data::Union(data) => {
            let message = "a union cannot be a class: use a struct or an enum";
            return Err(Error::new(data.union_token.span(), message));
        }
    };
    let settings = settings(&attributes, &input.data)?;
    let ty = &input.ident;
    let generics = static_generics(&input.generics);
    let (params, arguments, clause) = generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #params ::arctos::rust::PolarClass for #ty #arguments #clause {
            fn class() -> ::arctos::rust::ClassDescription<Self> {
                ::arctos::rust::ClassDescription::<Self>::new(#name) #members #settings
            }
        }

        #[automatically_derived]
        impl #params ::arctos::rust::ToPolar for #ty #arguments #clause {
            fn to_polar<'q>(
                self,
                scope: &mut ::arctos::rust::Scope<'_, 'q>,
            ) -> ::core::result::Result<::arctos::Term, ::arctos::HostError>
            where
                Self: 'q,
            {
                scope.keep(self)
            }
        }
        #extra
    })
}

/// The generics with `'static` on each parameter: classes are told apart by their type.
fn static_generics(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(syn::parse_quote!('static));
    }
    generics
}

fn settings(attributes: &TypeAttributes, data: &Data) -> Result<TokenStream> {
    let mut calls = TokenStream::new();
    if let Some(eq) = &attributes.eq {
        calls.extend(quote_spanned!(eq.span()=> .equality()));
    }
    if let Some(ord) = &attributes.ord {
        calls.extend(quote_spanned!(ord.span()=> .ordering()));
    }
    if let Some(display) = &attributes.display {
        calls.extend(quote_spanned!(display.span()=> .described_by(::std::string::ToString::to_string)));
    }
    if let Some(name) = &attributes.iter {
        let field = match data {
            Data::Struct(data) => data.fields.iter().find(|field| field.ident.as_ref() == Some(name)),
            Data::Enum(_) | Data::Union(_) => None,
        };
        let Some(Field { ty, .. }) = field else {
            return Err(Error::new(name.span(), format!("there is no field `{name}` to iterate over")));
        };
        calls.extend(quote_spanned!(name.span()=> .iterate_field::<#ty, _>(|this| &this.#name)));
    }
    for method in &attributes.methods {
        let name = plain(method);
        calls.extend(quote_spanned!(method.span()=> .method(#name, Self::#method)));
    }
    for function in &attributes.class_methods {
        let name = plain(function);
        calls.extend(quote_spanned!(function.span()=> .class_method(#name, Self::#function)));
    }
    if let Some(function) = &attributes.constructor {
        calls.extend(quote_spanned!(function.span()=> .constructor(Self::#function)));
    }
    Ok(calls)
}

/// A name without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").unwrap_or(&text).to_owned()
}

/// The fields that are attributes: place, name for policies.
pub(crate) fn visible(fields: &Fields) -> Result<Vec<(Member, String, &Field)>> {
    let mut visible = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        let attributes = MemberAttributes::field(&field.attrs)?;
        let Some(attribute) = attributes.attribute else { continue };
        let name = match (&attributes.rename, &field.ident) {
            (Some(rename), _) => rename.value(),
            (None, Some(ident)) => plain(ident),
            (None, None) => {
                let message = "a field without a name needs one: `#[polar(attribute, rename = \"…\")]`";
                return Err(Error::new(attribute.span(), message));
            }
        };
        let member = field.ident.clone().map_or_else(|| Member::Unnamed(Index::from(index)), Member::Named);
        visible.push((member, name, field));
    }
    Ok(visible)
}

fn struct_members(fields: &Fields) -> Result<TokenStream> {
    let mut calls = TokenStream::new();
    for (member, name, field) in visible(fields)? {
        calls.extend(quote_spanned!(field.ty.span()=> .field(#name, |this| &this.#member)));
    }
    Ok(calls)
}

fn variant_name(variant: &Variant) -> Result<String> {
    let attributes = MemberAttributes::variant(&variant.attrs)?;
    Ok(attributes.rename.map_or_else(|| plain(&variant.ident), |rename| rename.value()))
}

fn is_unit(variant: &Variant) -> bool {
    matches!(variant.fields, Fields::Unit)
}

fn enum_members(class: &str, data: &DataEnum) -> Result<TokenStream> {
    let mut calls = TokenStream::new();
    let mut kinds = Vec::new();
    let mut arms = TokenStream::new();
    let mut shown = TokenStream::new();
    for variant in &data.variants {
        let ident = &variant.ident;
        let name = variant_name(variant)?;
        let full = format!("{class}::{name}");
        shown.extend(quote!(Self::#ident { .. } => #full,));
        if is_unit(variant) {
            calls.extend(quote_spanned!(ident.span()=> .constant(#name, Self::#ident)));
            arms.extend(quote!(Self::#ident => ::core::option::Option::None,));
            continue;
        }
        let index = kinds.len();
        kinds.push(name);
        arms.extend(quote!(Self::#ident { .. } => ::core::option::Option::Some(#index),));
        for (member, name, field) in visible(&variant.fields)? {
            calls.extend(quote_spanned!(field.ty.span()=> .variant_field(#name, |this| match this {
                Self::#ident { #member: field, .. } => ::core::option::Option::Some(field),
                #[allow(unreachable_patterns, reason = "an enum may have one variant only")]
                _ => ::core::option::Option::None,
            })));
        }
    }
    if data.variants.is_empty() {
        return Ok(calls);
    }
    if kinds.is_empty() {
        calls.extend(quote!(.equal_by(|a, b| ::core::mem::discriminant(a) == ::core::mem::discriminant(b))));
    } else {
        calls.extend(quote!(.variants(&[#(#kinds),*], |this| match this { #arms })));
    }
    calls.extend(quote!(.described_by(|this| ::std::borrow::ToOwned::to_owned(match this { #shown }))));
    Ok(calls)
}

/// Unit enums also arrive by value as arguments.
fn unit_enum_values(input: &DeriveInput, data: &DataEnum) -> Result<TokenStream> {
    if data.variants.is_empty() || !data.variants.iter().all(is_unit) {
        return Ok(TokenStream::new());
    }
    let ty = &input.ident;
    let variants = data.variants.iter().map(|variant| &variant.ident);
    Ok(quote! {
        #[automatically_derived]
        impl ::arctos::rust::FromPolar for #ty {
            type As<'q> = Self;

            fn from_polar<'q>(
                term: ::arctos::Term,
                values: &::arctos::rust::Values<'_, 'q>,
            ) -> ::core::result::Result<Self, ::arctos::HostError> {
                let value: &Self = <&Self as ::arctos::rust::FromPolar>::from_polar(term, values)?;
                ::core::result::Result::Ok(match value { #(Self::#variants => Self::#variants,)* })
            }
        }
    })
}

/// Implementations of `AsPolar`, and from it of `ToPolar`, for a type that stands for another value.
fn stands_for(
    input: &DeriveInput,
    value: &TokenStream,
    owned: &TokenStream,
    shape: &TokenStream,
) -> TokenStream {
    let ty = &input.ident;
    let (params, arguments, clause) = input.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #params ::arctos::rust::AsPolar for #ty #arguments #clause {
            const SHAPE: ::arctos::rust::Shape = #shape;

            fn as_polar<'q>(
                &'q self,
                scope: &mut ::arctos::rust::Scope<'_, 'q>,
            ) -> ::core::result::Result<::arctos::Term, ::arctos::HostError> {
                ::arctos::rust::AsPolar::as_polar(#value, scope)
            }

            fn peek(&self) -> ::core::option::Option<::arctos::rust::Peek<'_>> {
                ::arctos::rust::AsPolar::peek(#value)
            }

            fn show_items(&self, search: &mut ::arctos::rust::Search<'_>) -> bool {
                ::arctos::rust::AsPolar::show_items(#value, search)
            }
        }

        #[automatically_derived]
        impl #params ::arctos::rust::ToPolar for #ty #arguments #clause {
            fn to_polar<'q>(
                self,
                scope: &mut ::arctos::rust::Scope<'_, 'q>,
            ) -> ::core::result::Result<::arctos::Term, ::arctos::HostError>
            where
                Self: 'q,
            {
                ::arctos::rust::ToPolar::to_polar(#owned, scope)
            }
        }
    }
}

fn transparent(input: &DeriveInput, attributes: &TypeAttributes, at: &Ident) -> Result<TokenStream> {
    let field = match &input.data {
        Data::Struct(data) if data.fields.len() == 1 => data.fields.iter().next(),
        _ => None,
    };
    let Some(field) = field else {
        return Err(Error::new(at.span(), "`transparent` goes with a struct of exactly one field"));
    };
    let ty = &input.ident;
    let inner = &field.ty;
    let member =
        field.ident.clone().map_or_else(|| Index::from(0).into_token_stream(), |ident| quote!(#ident));
    let build = if field.ident.is_some() { quote!(Self { #member: field }) } else { quote!(Self(field)) };
    let mut output = stands_for(
        input,
        &quote!(&self.#member),
        &quote!(self.#member),
        &quote!(<#inner as ::arctos::rust::AsPolar>::SHAPE),
    );
    let (params, arguments, clause) = input.generics.split_for_impl();
    if attributes.one_way.is_none() {
        output.extend(quote_spanned! {inner.span()=>
            #[automatically_derived]
            impl #params ::arctos::rust::FromPolar for #ty #arguments #clause {
                type As<'q> = Self;

                fn from_polar<'q>(
                    term: ::arctos::Term,
                    values: &::arctos::rust::Values<'_, 'q>,
                ) -> ::core::result::Result<Self, ::arctos::HostError> {
                    let field: #inner = <#inner as ::arctos::rust::FromPolar>::from_polar(term, values)?;
                    ::core::result::Result::Ok(#build)
                }
            }
        });
    }
    if attributes.key.is_some() {
        output.extend(quote_spanned! {inner.span()=>
            #[automatically_derived]
            impl #params ::arctos::rust::Key for #ty #arguments #clause {
                fn key(&self) -> ::std::borrow::Cow<'_, str> {
                    ::arctos::rust::Key::key(&self.#member)
                }
            }
        });
    }
    Ok(output)
}

fn string(input: &DeriveInput, attributes: &TypeAttributes, at: &Ident) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new(at.span(), "`string` goes with an enum of unit variants"));
    };
    let ty = &input.ident;
    let mut texts = Vec::new();
    for variant in &data.variants {
        if !is_unit(variant) {
            return Err(Error::new(
                variant.ident.span(),
                "a variant with fields has no place in a `string` enum",
            ));
        }
        texts.push(match MemberAttributes::variant(&variant.attrs)?.rename {
            Some(rename) => rename.value(),
            None => renamed(&plain(&variant.ident), attributes.rename_all.as_ref())?,
        });
    }
    let variants: Vec<&Ident> = data.variants.iter().map(|variant| &variant.ident).collect();
    let wanted =
        format!("one of {}", texts.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>().join(", "));
    let text = quote!(match self { #(#ty::#variants => #texts,)* });
    let mut output = stands_for(input, &text, &text, &quote!(::arctos::rust::Shape::Plain));
    output.extend(quote! {
        #[automatically_derived]
        impl ::arctos::rust::Key for #ty {
            fn key(&self) -> ::std::borrow::Cow<'_, str> {
                ::std::borrow::Cow::Borrowed(#text)
            }
        }

        #[automatically_derived]
        impl ::arctos::rust::FromPolar for #ty {
            type As<'q> = Self;

            fn from_polar<'q>(
                term: ::arctos::Term,
                values: &::arctos::rust::Values<'_, 'q>,
            ) -> ::core::result::Result<Self, ::arctos::HostError> {
                match values.view(term) {
                    #(::arctos::View::String(#texts) => ::core::result::Result::Ok(Self::#variants),)*
                    _ => ::core::result::Result::Err(values.mismatch(#wanted, term)),
                }
            }
        }
    });
    Ok(output)
}

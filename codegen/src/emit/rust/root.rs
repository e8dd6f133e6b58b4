//! The root of the generated crate: the API's client with a method a service, the list of services, the runtime's names.
//!
//! In go all services and their plans, out come the items of `lib.rs` besides its modules.

use proc_macro2::TokenStream;
use quote::quote;

use super::Emitter;
use super::scope::ident;
use crate::ir;
use crate::plan;

/// Lints that ask for another shape than the API has.
pub(super) fn attributes() -> TokenStream {
    quote! {
        #![allow(
            clippy::large_enum_variant,
            clippy::module_inception,
            clippy::too_many_arguments,
            reason = "the API's own shape"
        )]
    }
}

impl Emitter<'_> {
    /// What `lib.rs` declares besides modules.
    pub(super) fn root(&self) -> Vec<TokenStream> {
        let mut items = vec![quote!(
            pub use vapi_runtime as runtime;
        )];
        items.extend(self.api_client());
        items.push(self.services());
        items
    }

    fn api_client(&self) -> Vec<TokenStream> {
        let client = quote!(runtime::Client);
        let methods = self.api.services.iter().zip(&self.plan.services);
        let methods = methods.map(|(service, planned)| self.service_client(service, planned));
        let definition = quote! {
            /// The whole API at one server: a method for each service.
            #[derive(Clone, Debug)]
            pub struct Client(#client);
        };
        let implementation = quote! {
            impl Client {
                /// A client over HTTP; `base_url` is what stands before the paths of the reference pages.
                ///
                /// # Errors
                /// When it is no such URL.
                pub fn new(base_url: &str) -> Result<Self, runtime::client::BadBaseUrl> {
                    #client::new(base_url).map(Self)
                }
                #(#methods)*
            }
        };
        let conversion = quote! {
            impl From<#client> for Client {
                fn from(client: #client) -> Self {
                    Self(client)
                }
            }
        };
        let back = quote! {
            impl From<Client> for #client {
                fn from(client: Client) -> Self {
                    client.0
                }
            }
        };
        vec![definition, implementation, conversion, back]
    }

    fn service_client(&self, service: &ir::Service, planned: &plan::Service) -> TokenStream {
        let method = ident(&planned.client_method);
        let path = self.plan.modules[planned.named.module.0].path.iter().map(|segment| ident(segment));
        let client = ident(&planned.client());
        let client = quote!(#(#path::)*#client);
        let only_with = self.only_with(planned);
        let docs = self.docs().markdown(&format!("The service `{}`.", service.id)).tokens();
        quote! {
            #docs
            #only_with
            #[must_use]
            pub fn #method(&self) -> #client {
                #client::new(self.0.clone())
            }
        }
    }

    /// The attribute of what belongs to a service; nothing where there is only one.
    fn only_with(&self, service: &plan::Service) -> Option<TokenStream> {
        let feature = &service.feature;
        (self.plan.services.len() > 1).then(|| quote!(#[cfg(feature = #feature)]))
    }

    fn services(&self) -> TokenStream {
        let tables = self.plan.services.iter().map(|service| {
            let path = self.plan.modules[service.named.module.0].path.iter().map(|segment| ident(segment));
            let table = ident(plan::Service::TABLE);
            let only_with = self.only_with(service);
            quote!(#only_with &#(#path::)*#table)
        });
        quote! {
            /// The description of every service.
            #[must_use]
            pub fn services() -> &'static [&'static runtime::table::ServiceTable] {
                static SERVICES: &[&runtime::table::ServiceTable] = &[#(#tables),*];
                SERVICES
            }
        }
    }
}

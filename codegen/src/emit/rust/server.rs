//! The server of a service: the trait an implementation has, and what mounts it in a router.
//!
//! In go a service and its plan, out come the trait and the dispatch by operation number.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Emitter;
use super::scope::ident;
use crate::ir;
use crate::plan;

impl Emitter<'_> {
    /// The trait and its server.
    pub(super) fn server(&self, service: &ir::Service, planned: &plan::Service) -> Vec<TokenStream> {
        let name = ident(&planned.named.name);
        let (send, sync) = (self.scope.prelude_type("Send"), self.scope.prelude_type("Sync"));
        let methods = service.operations.iter().zip(&planned.operations);
        let methods = methods.map(|(operation, planned)| self.server_method(operation, planned));
        let docs = self.docs().markdown(&format!("What a server of `{}` does.", service.id));
        let docs = docs.markdown(&format!("Mounted in a router as [`{}`].", planned.server())).tokens();
        let definition = quote! {
            #docs
            pub trait #name: #send + #sync + 'static {
                #(#methods)*
            }
        };
        vec![definition, self.mount(service, planned), self.dispatch(planned)]
    }

    fn server_method(&self, operation: &ir::Operation, planned: &plan::Operation) -> TokenStream {
        let scope = &self.scope;
        let (method, input) = (ident(&planned.method), ident(&planned.input.named.name));
        let output = self.rust_type(&operation.result);
        let error = self.operation_error_type(planned);
        let (future, result, send) =
            (scope.prelude_type("Future"), scope.prelude_type("Result"), scope.prelude_type("Send"));
        let (context, failure) = (scope.runtime("Context"), scope.runtime("Failure"));
        let docs = self.operation_docs(operation).section("Returns", &operation.result_doc);
        let docs = docs.list("# Errors", self.error_list(operation, planned));
        let docs = docs.list("# Privileges", Self::privilege_list(operation)).tokens();
        quote! {
            #docs
            fn #method(
                &self,
                cx: &#context,
                input: #input,
            ) -> impl #future<Output = #result<#output, #failure<#error>>> + #send;
        }
    }

    fn mount(&self, service: &ir::Service, planned: &plan::Service) -> TokenStream {
        let name = ident(&planned.server());
        let implementation = self.scope.free("S");
        let docs = self
            .docs()
            .markdown(&format!("Mounts an implementation of `{}` in a router.", service.id))
            .tokens();
        quote! {
            #docs
            pub struct #name<#implementation>(pub #implementation);
        }
    }

    fn dispatch(&self, planned: &plan::Service) -> TokenStream {
        let door = self.scope.door();
        let (name, server) = (ident(&planned.named.name), ident(&planned.server()));
        let implementation = self.scope.free("S");
        let table = ident(plan::Service::TABLE);
        let none = quote!(#door::no_such_operation(&#table, operation_idx));
        let arms = planned.operations.iter().enumerate().map(|(idx, operation)| {
            let idx = Literal::usize_unsuffixed(idx);
            let (operation, method) = (ident(&operation.name), ident(&operation.method));
            // By its path, since every type has methods of the standard library's traits.
            quote!(#idx => call.answer::<#operation, _, _, _>(&self.0, #name::#method),)
        });
        let body = if planned.operations.is_empty() {
            none
        } else {
            quote! {
                match operation_idx {
                    #(#arms)*
                    _ => #none,
                }
            }
        };
        quote! {
            impl<#implementation: #name> #door::Dispatch for #server<#implementation> {
                fn table(&self) -> &'static #door::ServiceTable {
                    &#table
                }
                fn dispatch<'a>(
                    &'a self,
                    operation_idx: usize,
                    call: #door::IncomingCall<'a>,
                ) -> #door::Reply<'a> {
                    #body
                }
            }
        }
    }
}

//! `com.vmware.content.trusted_certificates`: there are none, and none can be added.
//!
//! The server trusts nobody beforehand: whoever signed content is shown in the preview of the update session, with a
//! warning, and it is the session's owner who trusts.

use vapi::content::TrustedCertificateId;
use vapi::content::trusted_certificates::{
    CreateError, CreateInput, DeleteError, DeleteInput, GetError, GetInput, Info, ListError, ListInput,
    ListResult, TrustedCertificates,
};
use vapi::runtime::Context;
use vapi::runtime::server::Failure;

use super::Desk;
use crate::domain::Refusal;

impl TrustedCertificates for Desk {
    async fn create(
        &self,
        _: &Context,
        _: CreateInput,
    ) -> Result<TrustedCertificateId, Failure<CreateError>> {
        let way_out = "An update session shows in its preview who signed the content, and lets its owner ignore the warning.";
        Err(Refusal::unsupported("keep certificates that it trusts", way_out).into())
    }

    async fn get(&self, _: &Context, input: GetInput) -> Result<Info, Failure<GetError>> {
        Err(Refusal::no_certificate(input.certificate.as_str()).into())
    }

    async fn list(&self, _: &Context, _: ListInput) -> Result<ListResult, Failure<ListError>> {
        Ok(ListResult::new(Vec::new()))
    }

    async fn delete(&self, _: &Context, input: DeleteInput) -> Result<(), Failure<DeleteError>> {
        Err(Refusal::no_certificate(input.certificate.as_str()).into())
    }
}

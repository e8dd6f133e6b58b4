//! Names in XML documents: the namespace of a service or package and the local names of roots.
//!
//! In: canonical names. Out: text for the tables and the samples.

/// Namespace of the error envelope, the same for every service.
pub const ERROR_NAMESPACE: &str = "http://vmware.com/vapi/rest/base";
/// Local name of the error envelope.
pub const ERROR_ROOT: &str = "Error";

/// The namespace of a service's or package's documents; unlike in paths, underscores stay.
#[must_use]
pub fn namespace(id: &str) -> String {
    let local = id.strip_prefix("com.vmware.").unwrap_or(id);
    format!("http://vmware.com/{}", local.replace('.', "/"))
}

/// Local name of a request's root: `KeepAlive-Input`.
#[must_use]
pub fn input_root(operation_name: &str) -> String {
    format!("{}-Input", camel(operation_name))
}

/// Local name of a reply's root: `KeepAlive-Result`.
#[must_use]
pub fn result_root(operation_name: &str) -> String {
    format!("{}-Result", camel(operation_name))
}

/// Local name of the root of a structure that stands alone, by its name within its document: `TagModel`.
#[must_use]
pub fn structure_root(local_name: &str) -> String {
    camel(local_name.rsplit('.').next().unwrap_or(local_name))
}

fn camel(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    for word in name.split('_') {
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            camel.extend(first.to_uppercase());
            camel.push_str(letters.as_str());
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_pages() {
        assert_eq!(namespace("com.vmware.a.b_c"), "http://vmware.com/a/b_c");
        assert_eq!(input_root("fail"), "Fail-Input");
        assert_eq!(result_root("keep_alive"), "KeepAlive-Result");
    }
}

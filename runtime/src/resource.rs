//! Identifiers of resources, a type for each type of resource.
//!
//! Generated code names a resource type once, with a marker that is a [`Resource`]; everything an identifier can do is here,
//! once for all of them.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use crate::data::{Data, Slot, View};

/// A type of resource; implemented by generated types without values, which stand for it in [`Id`].
pub trait Resource: 'static {
    /// Its canonical name, `com.vmware.content.Library`.
    const TYPE: &'static str;
}

/// Identifier of a resource, as the server gave it; one of another type of resource does not convert into it.
///
/// The markers have no values, so nothing here asks anything of `R` but its name.
pub struct Id<R> {
    text: String,
    /// A function, so that an identifier is `Send` and `Sync` whatever `R` is.
    resource: PhantomData<fn() -> R>,
}

impl<R: Resource> Id<R> {
    /// The resource type this identifies.
    pub const RESOURCE_TYPE: &'static str = R::TYPE;
}

impl<R> Id<R> {
    /// Takes the identifier as the server gave it.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Id { text: id.into(), resource: PhantomData }
    }

    /// The identifier as the server gave it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<R> From<String> for Id<R> {
    fn from(id: String) -> Self {
        Id::new(id)
    }
}

impl<R> From<&str> for Id<R> {
    fn from(id: &str) -> Self {
        Id::new(id)
    }
}

impl<R> From<&Id<R>> for Id<R> {
    fn from(id: &Id<R>) -> Self {
        id.clone()
    }
}

impl<R> fmt::Display for Id<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Under the name that generated code has for it, `ThingId("…")`.
impl<R: Resource> fmt::Debug for Id<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let resource = R::TYPE.rsplit('.').next().unwrap_or_default();
        f.debug_tuple(&format!("{resource}Id")).field(&self.text).finish()
    }
}

// Derived, what follows would ask of the marker what it asks of the identifier.

impl<R> Clone for Id<R> {
    fn clone(&self) -> Self {
        Id::new(self.text.clone())
    }
}

impl<R> PartialEq for Id<R> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<R> Eq for Id<R> {}

impl<R> PartialOrd for Id<R> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<R> Ord for Id<R> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl<R> Hash for Id<R> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<R: 'static> Data for Id<R> {
    fn view(&self) -> View<'_> {
        View::Text(&self.text)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::Text(&mut self.text)
    }
    fn empty() -> Self {
        Id::new(String::new())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::hash_map::DefaultHasher;
    use std::hash::{Hash, Hasher};
    use std::rc::Rc;

    use super::*;

    /// Is nothing that an identifier is: neither `Clone` nor `Ord`, nor `Send`.
    struct Thing(#[allow(dead_code, reason = "only its type counts")] Rc<()>);

    impl Resource for Thing {
        const TYPE: &'static str = "com.example.store.Thing";
    }

    type ThingId = Id<Thing>;

    fn hash(value: &impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn an_identifier_is_its_text() {
        let id = ThingId::from("thing-7");
        assert_eq!((id.as_str(), id.to_string().as_str()), ("thing-7", "thing-7"));
        let same: [ThingId; 4] =
            [ThingId::new("thing-7"), "thing-7".to_owned().into(), (&id).into(), id.clone()];
        assert!(same.iter().all(|same| *same == id));
        assert_eq!(hash(&id), hash(&"thing-7"));
        assert_ne!(id, ThingId::new("thing-8"));
    }

    #[test]
    fn identifiers_are_in_the_order_of_their_texts() {
        let (less, greater) = (ThingId::new("thing-10"), ThingId::new("thing-9"));
        assert_eq!(less.partial_cmp(&greater), Some(Ordering::Less));
        assert_eq!(less.cmp(&ThingId::new("thing-10")), Ordering::Equal);
    }

    #[test]
    fn an_identifier_names_its_resource_type() {
        assert_eq!(ThingId::RESOURCE_TYPE, "com.example.store.Thing");
        assert_eq!(format!("{:?}", ThingId::new("thing-7")), r#"ThingId("thing-7")"#);
    }

    #[test]
    fn an_identifier_goes_to_other_threads_whatever_its_marker_is() {
        fn check<T: Send + Sync + Unpin>() {}
        check::<ThingId>();
    }
}

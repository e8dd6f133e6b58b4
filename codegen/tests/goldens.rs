//! Compiles every emit golden, with every warning an error, and tries what only running code can show.
//!
//! `emit.rs` sees to it that the goldens are what the generator gives and that none is missing here.

#![deny(warnings)]
#![allow(dead_code, reason = "a golden is there to compile")]
#![allow(clippy::unwrap_used, reason = "a test that meets something unexpected has failed")]
#![allow(clippy::too_many_arguments, reason = "as at the root of the generated crate")]

macro_rules! goldens {
    ($($path:literal $name:ident,)*) => {$(
        #[path = $path]
        pub mod $name;
    )*};
}

goldens! {
    "fixtures/emit/crate_names/out.rs" crate_names,
    "fixtures/emit/documentation/out.rs" documentation,
    "fixtures/emit/enumeration/out.rs" enumeration,
    "fixtures/emit/identifiers/out.rs" identifiers,
    "fixtures/emit/keywords/out.rs" keywords,
    "fixtures/emit/many_parameters/out.rs" many_parameters,
    "fixtures/emit/plain_operations/out.rs" plain_operations,
    "fixtures/emit/recursion/out.rs" recursion,
    "fixtures/emit/repeated_errors/out.rs" repeated_errors,
    "fixtures/emit/rest_lines/out.rs" rest_lines,
    "fixtures/emit/service/out.rs" service,
    "fixtures/emit/spellings/out.rs" spellings,
    "fixtures/emit/standard_errors/out.rs" standard_errors,
    "fixtures/emit/std_names/out.rs" std_names,
    "fixtures/emit/structures/out.rs" structures,
    "fixtures/emit/type_kinds/out.rs" type_kinds,
    "fixtures/emit/unions/out.rs" unions,
}

pub mod vapi {
    //! As the path of the standard errors has it.
    pub mod std {
        //! As the path of the standard errors has it.
        pub use crate::standard_errors as errors;
    }
}

mod tried {
    //! What the shapes are for, tried on values.

    use std::collections::BTreeMap;

    use vapi_runtime::codegen::{Data, Enumeration, OperationError, Structure, View};
    use vapi_runtime::{Failure, Operation};

    use crate::enumeration::ModelState;
    use crate::recursion::Node;
    use crate::repeated_errors::{Fetch, FetchError};
    use crate::standard_errors::{NotFound, ResourceBusy};
    use crate::structures::{AllOptional, Point, Shape};

    #[test]
    fn a_structure_is_made_of_what_it_requires_and_what_is_set() {
        let shape =
            Shape::new("a", Point::new(1, 2), vec!["b".to_owned()]).label("c").corner(Point::new(3, 4));
        assert_eq!((shape.name.as_str(), shape.label.as_deref(), shape.center.row), ("a", Some("c"), 2));
        assert_eq!(shape.corner, Some(Point::new(3, 4)));
        assert_eq!(AllOptional::default(), AllOptional::new(Vec::new()));
    }

    #[test]
    fn fields_are_reached_by_their_number_in_the_table() {
        let shape = Shape::new("a", Point::new(1, 2), Vec::new());
        let label_idx = shape.table().field_idx("label").unwrap();
        let name_idx = shape.table().field_idx("name").unwrap();
        assert!(matches!(shape.field(label_idx), View::Unset));
        assert!(matches!(shape.field(name_idx), View::Text("a")));
    }

    #[test]
    fn a_structure_holds_itself() {
        let leaf = Node::new(Vec::new());
        let node = Node::new(vec![leaf.clone()])
            .parent(leaf.clone())
            .by_name(BTreeMap::from([("a".to_owned(), leaf)]));
        assert_eq!(node.parent.as_deref(), Some(&Node::empty()));
    }

    #[test]
    fn an_enumeration_keeps_what_it_does_not_know() {
        assert_eq!(ModelState::from("VMX_10_1"), ModelState::Vmx10_1);
        assert_eq!(ModelState::from("new").as_str(), "new");
        assert!(ModelState::TABLE.values.iter().all(|wire| ModelState::from(*wire).to_string() == *wire));
    }

    #[test]
    fn an_error_converts_into_the_variant_that_the_page_has_first() {
        let busy = Failure::<FetchError>::from(ResourceBusy::new());
        assert!(matches!(busy, Failure::Declared(FetchError::ResourceBusy(_))));
        let Failure::Declared(gone) = Failure::<FetchError>::from(NotFound::new(Vec::new())) else {
            panic!()
        };
        assert_eq!(Fetch::TABLE.errors[gone.error_idx()].status, 410);
        let other = FetchError::NotFound(NotFound::default());
        assert_eq!((other.error_idx(), other.clone()), (2, other));
    }
}

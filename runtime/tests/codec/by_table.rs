//! Generated structures are shown, compared and copied by their tables; the model's derived traits say what has to come out.

use proptest::prelude::*;
use vapi_runtime::Secret;
use vapi_runtime::codegen;

use crate::model::{Choice, Everything, Inner, State};
use crate::properties::everything;

/// As derived, but for identifiers and enumerations, which are shown as their text.
#[test]
fn debug_is_like_the_derived_one_and_keeps_secrets() {
    struct Shown(Choice);
    impl std::fmt::Debug for Shown {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            codegen::debug(&self.0, "Choice", f)
        }
    }
    let choice = Choice { state: None, note: Some("a \"b\"".to_owned()), reason: Some(-1) };
    assert_eq!(format!("{:?}", Shown(choice.clone())), format!("{choice:?}"));
    assert_eq!(format!("{:#?}", Shown(choice.clone())), format!("{choice:#?}"));
    let choice = Choice { state: Some(State::Done), note: None, reason: None };
    assert_eq!(format!("{:?}", Shown(choice)), "Choice { state: Some(\"DONE\"), note: None, reason: None }");
}

#[test]
fn a_secret_is_not_shown() {
    struct Shown(Everything);
    impl std::fmt::Debug for Shown {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            codegen::debug(&self.0, "Everything", f)
        }
    }
    let mut everything: Everything = codegen::Data::empty();
    everything.token = Secret::new("sesame");
    everything
        .map
        .insert("key".to_owned(), Inner { name: Some("value".to_owned()), ..codegen::Data::empty() });
    let shown = format!("{:?}", Shown(everything));
    assert!(shown.contains("token: Secret(…)") && !shown.contains("sesame"), "{shown}");
    assert!(shown.contains("map: {\"key\": Inner { name: Some(\"value\")"), "{shown}");
}

proptest! {
    #[test]
    fn a_copy_is_equal(value in everything()) {
        let copy = codegen::clone(&value);
        prop_assert_eq!(&copy, &value);
        prop_assert!(codegen::eq(&copy, &value));
    }

    #[test]
    fn equal_is_what_the_derived_trait_calls_so(left in everything(), right in everything()) {
        prop_assert_eq!(codegen::eq(&left, &right), left == right);
        for field_idx in 0..codegen::Structure::table(&left).fields.len() {
            // One field of the other: the same value, or the one difference there is.
            let mut mixed = codegen::clone(&left);
            let swapped = codegen::clone(&right);
            swap_field(&mut mixed, swapped, field_idx);
            prop_assert_eq!(codegen::eq(&left, &mixed), left == mixed);
        }
    }
}

/// Sets one of the fields that have a type of their own.
fn swap_field(to: &mut Everything, from: Everything, field_idx: usize) {
    match field_idx {
        0 => to.flag = from.flag,
        2 => to.ratio = from.ratio,
        5 => to.blob = from.blob,
        6 => to.at = from.at,
        9 => to.color = from.color,
        10 => to.inner = from.inner,
        11 => to.anything = from.anything,
        13 => to.opaque = from.opaque,
        16 => to.gaps = from.gaps,
        17 => to.set = from.set,
        19 => to.map = from.map,
        23 => to.maybe_flags = from.maybe_flags,
        _ => to.text = from.text,
    }
}

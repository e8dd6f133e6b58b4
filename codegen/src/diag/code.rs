//! The closed set of diagnostic codes, each with its explanation.
//!
//! An explanation is a Markdown file of `explain/`: a title, why the rule is there, an example that breaks it and one
//! that keeps it. Tests run both examples.

macro_rules! codes {
    (
        mistakes { $($(#[$meta:meta])* $variant:ident = $name:literal;)* }
        warnings { $($(#[$warning_meta:meta])* $warning:ident = $warning_name:literal;)* }
    ) => {
        codes! {
            $($(#[$meta])* $variant = $name;)*
            $($(#[$warning_meta])* $warning = $warning_name;)*
        }

        impl Code {
            /// Whether it is a warning: something that the spec may say but probably does not mean, which holds nothing back.
            #[must_use]
            pub fn is_warning(self) -> bool {
                matches!(self, $(Code::$warning)|*)
            }
        }
    };
    ($($(#[$meta:meta])* $variant:ident = $name:literal;)*) => {
        /// What a diagnostic is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$meta])* $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// The code as it stands in diagnostics: `unknown-type`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Code::$variant => $name,)*
                }
            }

            /// What the code means, in Markdown.
            #[must_use]
            pub fn explanation(self) -> &'static str {
                match self {
                    $(Code::$variant => include_str!(concat!("explain/", $name, ".md")),)*
                }
            }
        }
    };
}

codes! {
    mistakes {
        /// Not YAML at all.
        YamlSyntax = "yaml-syntax";
        /// YAML that the spec language does without: anchors, tags, merge keys, several documents.
        YamlFeature = "yaml-feature";
        /// A character that readers of YAML do not agree on.
        BadCharacter = "bad-character";
        /// A document over the limit.
        TooLarge = "too-large";
        /// Nested over the limit.
        TooDeep = "too-deep";
        /// A key twice in one mapping.
        DuplicateKey = "duplicate-key";
        /// An unquoted scalar that YAML turns into something else than text.
        AmbiguousScalar = "ambiguous-scalar";
        /// A key that the construct does not have.
        UnknownKey = "unknown-key";
        /// A key that the construct must have.
        MissingKey = "missing-key";
        /// A key that does not go with the rest.
        MisplacedKey = "misplaced-key";
        /// A list, mapping or scalar where another one is meant.
        WrongShape = "wrong-shape";
        /// Text without anything in it.
        EmptyText = "empty-text";
        /// A release that is not numerals with dots.
        BadRelease = "bad-release";
        /// A type outside the type grammar.
        BadType = "bad-type";
        /// A request line outside its grammar.
        BadRequestLine = "bad-request-line";
        /// A status that no error has.
        BadStatus = "bad-status";
        /// A name in a shape that names do not have.
        BadName = "bad-name";
        /// A document in the wrong file.
        WrongPath = "wrong-path";
        /// A name, value or error twice.
        DuplicateName = "duplicate-name";
        /// No structure or enumeration of this name.
        UnknownType = "unknown-type";
        /// No error of this name.
        UnknownError = "unknown-error";
        /// A structure where an error is meant, or the other way round.
        WrongKind = "wrong-kind";
        /// A type where it may not stand.
        MisplacedType = "misplaced-type";
        /// Elements or keys that cannot be told apart.
        BadElement = "bad-element";
        /// A structure that can have no finite value.
        EndlessStructure = "endless-structure";
        /// A union rule that cannot be followed.
        BadUnion = "bad-union";
        /// A union rule or a privilege names a field that there is not.
        UnknownField = "unknown-field";
        /// A union rule names a value that there is not.
        UnknownValue = "unknown-value";
        /// A request line or a privilege names a parameter that there is not.
        UnknownParameter = "unknown-parameter";
        /// A request line has a parameter in the path that cannot stand there.
        BadPathParameter = "bad-path-parameter";
        /// A privilege on something that is not an ID.
        BadPrivilege = "bad-privilege";
        /// A parameter that cannot stand where it would below `/api`.
        BadRest = "bad-rest";
        /// Two request lines that the same request meets.
        AmbiguousRequest = "ambiguous-request";
        /// A member older than what it belongs to, or one that outlives it.
        ReleaseOrder = "release-order";
        /// Request lines other than the naming rules give.
        RequestLinesDiffer = "request-lines-differ";
        /// A sample other than the declarations give.
        SampleDiffers = "sample-differs";
        /// A sample of something that has no representation.
        NeedlessSample = "needless-sample";
        /// A status other than the error's own.
        StatusDiffers = "status-differs";
        /// An override that overrides nothing.
        NeedlessOverride = "needless-override";
        /// Two declarations that come to the same Rust name.
        NameCollision = "name-collision";
        /// A declaration that comes to a Rust name the generator needs itself.
        ReservedName = "reserved-name";
    }
    warnings {
        /// An operation without errors.
        NoErrors = "no-errors";
        /// Text that is named like an identifier.
        UntypedId = "untyped-id";
        /// Two names that are nearly one.
        NearDuplicate = "near-duplicate";
        /// Documentation of no word or one.
        PoorDoc = "poor-doc";
        /// Several things under the name of one.
        SingularList = "singular-list";
        /// An error that no operation reports.
        UnreportedError = "unreported-error";
        /// A member from before its type.
        OlderThanType = "older-than-type";
        /// A warning is accepted that is not given.
        NeedlessAccept = "needless-accept";
    }
}

impl Code {
    /// The code of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.as_str() == name)
    }

    /// What the code means in a line.
    #[must_use]
    pub fn title(self) -> &'static str {
        let first_line = self.explanation().lines().next().unwrap_or_default();
        first_line.trim_start_matches(['#', ' '])
    }
}

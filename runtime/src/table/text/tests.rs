//! Texts read, and texts that are none.

use crate::table::{Field, Method, OperationTable, RestBody, StructureTable, Table as _, Ty, Usage, Written};

static LEAF: Written<StructureTable> = Written::new("structure test.leaf\nname: string", &[]);

/// Names itself.
static NODE: Written<StructureTable> = Written::new(
    "
    structure test.node
    source spec/test.yaml:3
    children: List<test.node>?
    leaves: Map<ID, test.leaf>
    kind: string? for create
    note: string lenient
    pages kind note children leaves
    union kind BRANCH requires children allows note
    union kind LEAF
    ",
    &[Ty::Structure(&NODE), Ty::Structure(&LEAF)],
);

static ATTACH: Written<OperationTable> = Written::new(
    "
    operation attach test.tree
    since 6.8 until 7.0
    node_id: ID
    node: test.node
    quick: boolean?
    token: string?
    result Set<long>
    error 404 test.leaf
    error 400 500 test.node
    privileges Tree.Grow
    privileges Node.See Node.Change on test.Node node_id
    page POST /test/tree/id:{node_id}?~action=attach
    page PUT /test/tree
    rest 204 POST /api/test/tree/{node_id}?action=attach
    query quick
    body node
    header tree-token token
    xml http://vmware.com/test/tree Attach-Input Attach-Result
    ",
    &[Ty::Structure(&LEAF), Ty::Structure(&NODE)],
);

fn names(table: &StructureTable, numbers: &[u16]) -> Vec<&'static str> {
    numbers.iter().map(|&number| table.fields[usize::from(number)].name).collect()
}

#[test]
fn a_structure_may_name_itself() {
    let Ty::Optional(Ty::List(Ty::Structure(itself))) = NODE.fields[0].ty else {
        panic!("{:?}", NODE.fields[0])
    };
    assert!(std::ptr::eq(itself.table(), NODE.table()));
    assert!(matches!(NODE.fields[1].ty, Ty::Map(Ty::Id, Ty::Structure(leaf)) if leaf.name == "test.leaf"));
    assert_eq!(format!("{NODE:?}"), "test.node");
}

#[test]
fn fields_keep_what_is_said_of_them_and_their_orders() {
    let Field { needed_by, is_lenient, .. } = NODE.fields[2];
    assert_eq!((needed_by, is_lenient, NODE.fields[3].is_lenient), (Some(Usage::Create), false, true));
    assert_eq!(names(&NODE, NODE.by_name), ["children", "kind", "leaves", "note"]);
    assert_eq!(names(&NODE, NODE.page_order), ["kind", "note", "children", "leaves"]);
    assert_eq!((NODE.field_idx("note"), NODE.field_idx("notes")), (Some(3), None));
    assert_eq!((NODE.source, LEAF.page_order), ("spec/test.yaml:3", &[0][..]));
}

#[test]
fn the_cases_of_a_union_follow_each_other() {
    let [union] = NODE.unions else { panic!("{:?}", NODE.unions) };
    let cases: Vec<_> = union.cases.iter().map(|case| (case.value, case.requires, case.allows)).collect();
    assert_eq!(union.tag, 2);
    assert_eq!(cases, [("BRANCH", &[0][..], &[3][..]), ("LEAF", &[], &[])]);
}

#[test]
fn an_operation_has_all_that_its_text_says() {
    assert_eq!((ATTACH.service, ATTACH.name, ATTACH.input.name), ("test.tree", "attach", "operation-input"));
    assert_eq!(ATTACH.releases.to_string(), "6.8 to 7.0");
    assert!(matches!(ATTACH.output, Ty::Set(Ty::Long)));
    let errors: Vec<_> =
        ATTACH.errors.iter().map(|error| (error.id, error.status, error.rest_status)).collect();
    assert_eq!(errors, [("test.leaf", 404, 404), ("test.node", 400, 500)]);
    let needed: Vec<_> = ATTACH.privileges.iter().map(|needed| (needed.names, needed.on)).collect();
    let on = Some(("test.Node", "node_id"));
    assert_eq!(needed, [(&["Tree.Grow"][..], None), (&["Node.See", "Node.Change"], on)]);
    let lines: Vec<_> =
        ATTACH.routes.iter().map(|line| (line.method, line.path, line.path_params, line.action)).collect();
    assert_eq!(
        lines,
        [
            (Method::Post, "/test/tree/id:{node_id}", &[0][..], Some("attach")),
            (Method::Put, "/test/tree", &[], None),
        ]
    );
    assert_eq!((ATTACH.xml_input, ATTACH.xml_result), ("Attach-Input", "Attach-Result"));
}

#[test]
fn below_api_parameters_stand_where_the_text_puts_them() {
    let rest = ATTACH.rest.unwrap();
    assert_eq!(
        (rest.status, rest.route.path, rest.route.action),
        (204, "/test/tree/{node_id}", Some("attach"))
    );
    assert_eq!(
        (rest.query, rest.body, rest.headers),
        (&[2][..], RestBody::Whole(1), &[("tree-token", 3)][..])
    );
    let members = "operation x y\na: long\nb: long\nrest 200 PUT /api/y\nmembers a b";
    let body = OperationTable::read(members, &[]).unwrap().rest.unwrap().body;
    assert_eq!(body, RestBody::Fields(&[0, 1]));
    assert!(OperationTable::read("operation x y", &[]).unwrap().rest.is_none());
}

#[test]
fn what_is_no_table_is_told_with_its_line() {
    for (text, wrong) in [
        ("source x", "it has no name"),
        ("structure x\na long", "no statement of a structure in `a long`"),
        ("structure x\na: lung", "lung is not among what the table names in `a: lung`"),
        ("structure x\na: Bag<long>", "there is no type Bag<> in `a: Bag<long>`"),
        ("structure x\na: Map<long>", "a map has a key and a value in `a: Map<long>`"),
        ("structure x\na: long for get", "nothing is needed for get in `a: long for get`"),
        ("structure x\npages a\na: long", "there is no field a before in `pages a`"),
        ("structure x\na: long\nb: long\npages a a", "`pages` does not name every field once (x)"),
        ("structure x\na: long\na: long", "two fields have one name (x)"),
    ] {
        assert_eq!(StructureTable::read(text, &[]).unwrap_err(), wrong, "{text}");
    }
    for (line, wrong) in [
        ("page GET", "a request line has a method and a path"),
        ("page FETCH /x", "the API does not use this method"),
        ("page GET /x?action=get", "what follows the path is not ~action="),
        ("page GET /x/{a}", "there is no field a before"),
        ("rest 200 GET /x", "its path begins with /api"),
        ("rest ok GET /api/x", "ok is not a status"),
        ("query a", "`rest` comes first"),
        ("error 404 test.leaf", "test.leaf is not among what the table names"),
        ("error 404 long", "long is not a structure"),
        (
            "since yesterday",
            "`yesterday` is not a release: two to four numbers with dots, such as 6.8 or 8.0.3",
        ),
        ("xml a b", "3 words are expected"),
    ] {
        let text = format!("operation x y\n{line}").leak();
        assert_eq!(OperationTable::read(text, &[]).unwrap_err(), format!("{wrong} in `{line}`"), "{line}");
    }
}

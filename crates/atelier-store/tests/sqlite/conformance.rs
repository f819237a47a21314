use std::cell::RefCell;

use atelier_store::Store;
use atelier_store::conformance::{Op, agrees_with_model, all};
use proptest::prelude::*;

use crate::store;

#[test]
fn the_sqlite_back_end_keeps_every_promise() {
    let folders = RefCell::new(Vec::new());
    all(&|| {
        let folder = tempfile::tempdir().unwrap();
        let store: Box<dyn Store> = Box::new(store(folder.path()));
        folders.borrow_mut().push(folder);
        store
    });
}

fn any_op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0..8usize).prop_map(|branch| Op::Append { branch }),
        1 => (0..8usize, 0..20u64).prop_map(|(parent, back)| Op::Fork { parent, back }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn lines_of_random_histories_equal_the_model(ops in prop::collection::vec(any_op(), 1..40)) {
        let folder = tempfile::tempdir().unwrap();
        agrees_with_model(&store(folder.path()), &ops);
    }
}

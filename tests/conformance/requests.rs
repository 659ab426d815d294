//! How many requests each kind of run costs, to the request: one more or one less fails here, by the vendor's name.

use sipform::model::Desired;
use sipform::plan::Options;

use super::subject::{Subject, can};
use super::world::{World, block_on};

/// Enough for pages, and for lists that are cut.
const MANY: usize = 300;

/// What the runs of one subject cost: logging in, reading, writing, reading back and logging out.
#[derive(Debug, PartialEq, Eq)]
struct Costs {
    /// A plan or drift of nothing.
    nothing: usize,
    /// An apply that makes three.
    create: usize,
    /// A plan or drift of three, with nothing to do.
    read: usize,
    /// An apply that changes a field of each.
    update: usize,
    /// An apply that removes all three.
    delete: usize,
    /// An apply that makes three hundred; none where no box has room for them.
    create_many: usize,
    /// A plan or drift of three hundred.
    read_many: usize,
}

/// In the order of the members of [`Costs`].
const fn costs([nothing, create, read, update, delete, create_many, read_many]: [usize; 7]) -> Costs {
    Costs { nothing, create, read, update, delete, create_many, read_many }
}

/// Requests of one run.
async fn cost(world: &mut World, desired: &Desired, applies: bool) -> usize {
    let appliance = world.appliance(&desired.targets[0]);
    appliance.forget_requests();
    let look = world.look(desired).await;
    if applies {
        let plan = look.plan_allowing(Options::default());
        let report = world.apply(&look, &plan).await;
        assert!(report.is_done(), "{:?}", report.outcomes);
    } else {
        look.close().await;
    }
    appliance.requests().len()
}

async fn measured(subject: &Subject) -> Costs {
    let world = &mut subject.world(3);
    let (none, three) = (subject.desired(0), subject.desired(3));
    let mut updated = subject.desired(3);
    for which in 1..=3 {
        updated.objects[which - 1] = subject.changed(3, which, 1).0.objects.remove(which - 1);
    }
    let mut removed = subject.desired(0);
    if can(&[subject.support().delete]) {
        removed.removed = (1..=3).map(|which| subject.removed(which)).collect();
    }
    let few = [
        cost(world, &none, false).await,
        cost(world, &three, true).await,
        cost(world, &three, false).await,
        cost(world, &updated, true).await,
        cost(world, &removed, true).await,
    ];
    // A box has no more seat groups than for three trunks.
    let many = if subject.kind == "call_center_trunk" {
        [0, 0]
    } else {
        let (world, many) = (&mut subject.world(MANY), subject.desired(MANY));
        [cost(world, &many, true).await, cost(world, &many, false).await]
    };
    let [nothing, create, read, update, delete] = few;
    let [create_many, read_many] = many;
    Costs { nothing, create, read, update, delete, create_many, read_many }
}

macro_rules! cost {
    ($($name:ident: $subject:expr, $costs:expr;)*) => {
        $(
            #[test]
            fn $name() {
                assert_eq!(block_on(measured(&$subject)), costs($costs));
            }
        )*
    };
}

cost! {
    yeastar: Subject::new("yeastar", "trunk", "register", ""), [4, 9, 4, 9, 9, 308, 4];
    yeastar_v1: Subject { setting: Some(("api_version", "v1.1.0")), ..Subject::new("yeastar", "trunk", "register", "") }, [4, 9, 4, 9, 9, 308, 4];
    openvox_json: Subject::new("openvox", "trunk", "register", ""), [3, 7, 3, 7, 7, 305, 3];
    openvox_xml: Subject { setting: Some(("format", "xml")), ..Subject::new("openvox", "trunk", "register", "") }, [3, 7, 3, 7, 7, 305, 3];
    moor7: Subject::new("7moor", "sip_number", "", ""), [2, 7, 2, 7, 7, 304, 2];
    itniotech_phones: Subject::new("itniotech", "phone_group", "", ""), [3, 10, 4, 4, 4, 455, 152];
    itniotech_trunks: Subject::new("itniotech", "call_center_trunk", "outbound", ""), [3, 10, 3, 9, 3, 0, 0];
    itniotech_numbers: Subject::new("itniotech", "number", "", ""), [3, 9, 3, 9, 3, 310, 5];
}

//! The live objects of one kind that take part in a comparison, by key.

use std::collections::HashMap;

use crate::model::LiveObject;

/// Each key's object, until it is taken. Where a listing is in the keys' order, as most are, that alone says what is where:
/// entries come in the same order, so the object that is looked for is most likely the one behind the last one.
pub(super) enum ByKey<'a> {
    /// A listing whose keys are all different and ascending.
    Ordered {
        objects: &'a [LiveObject],
        /// Which of them are gone.
        gone: Vec<bool>,
        next: usize,
    },
    /// Any other.
    Hashed(HashMap<&'a str, &'a LiveObject>),
}

impl<'a> ByKey<'a> {
    /// All objects of a listing, where its order says that each has a key of its own.
    pub(super) fn ordered(objects: &'a [LiveObject]) -> Option<Self> {
        let is_ordered = objects.is_sorted_by(|a, b| a.key < b.key);
        is_ordered.then(|| Self::Ordered { objects, gone: vec![false; objects.len()], next: 0 })
    }

    /// The object with this key.
    pub(super) fn get(&self, key: &str) -> Option<&'a LiveObject> {
        match self {
            Self::Hashed(objects) => objects.get(key).copied(),
            Self::Ordered { objects, gone, next } => {
                let place = place(objects, *next, key)?;
                objects.get(place).filter(|_| gone.get(place) == Some(&false))
            }
        }
    }

    /// Takes the object with this key out.
    pub(super) fn remove(&mut self, key: &str) -> Option<&'a LiveObject> {
        match self {
            Self::Hashed(objects) => objects.remove(key),
            Self::Ordered { objects, gone, next } => {
                let place = place(objects, *next, key)?;
                *next = place + 1;
                let was_gone = std::mem::replace(gone.get_mut(place)?, true);
                if was_gone { None } else { objects.get(place) }
            }
        }
    }

    /// Those that nobody has taken, by key.
    pub(super) fn rest(&self) -> Vec<&'a LiveObject> {
        match self {
            Self::Ordered { objects, gone, .. } => {
                objects.iter().zip(gone).filter(|(_, gone)| !**gone).map(|(object, _)| object).collect()
            }
            Self::Hashed(objects) => {
                let mut rest: Vec<_> = objects.values().copied().collect();
                rest.sort_by(|a, b| a.key.cmp(&b.key));
                rest
            }
        }
    }
}

/// Where the object with this key is, most likely at `next`.
fn place(objects: &[LiveObject], next: usize, key: &str) -> Option<usize> {
    if objects.get(next).is_some_and(|object| *object.key == *key) {
        return Some(next);
    }
    objects.binary_search_by(|object| (*object.key).cmp(key)).ok()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is asked and taken in whatever order: an ordered listing gives what a hashed one gives.
        #[test]
        fn an_order_says_what_hashing_says(
            keys in prop::collection::btree_set("[a-d]{1,2}", 0..12),
            asked in prop::collection::vec(("[a-d]{1,2}", any::<bool>()), 0..24),
        ) {
            let objects: Vec<_> = keys.into_iter().map(|key| LiveObject::new(key, "id", Box::default())).collect();
            let mut ordered = ByKey::ordered(&objects).unwrap();
            let mut hashed = ByKey::Hashed(objects.iter().map(|object| (&*object.key, object)).collect());
            let key = |object: Option<&LiveObject>| object.map(|object| object.key.to_string());
            for (asked, takes) in &asked {
                prop_assert_eq!(key(ordered.get(asked)), key(hashed.get(asked)));
                if *takes {
                    prop_assert_eq!(key(ordered.remove(asked)), key(hashed.remove(asked)));
                }
            }
            let rest = |objects: &ByKey<'_>| objects.rest().iter().map(|object| object.key.to_string()).collect::<Vec<_>>();
            prop_assert_eq!(rest(&ordered), rest(&hashed));
        }
    }

    #[test]
    fn a_key_that_comes_twice_is_no_order() {
        for (keys, is_ordered) in [(&["a", "b"][..], true), (&["a", "a"], false), (&["b", "a"], false), (&[], true)] {
            let objects: Vec<_> = keys.iter().map(|key| LiveObject::new(*key, "id", Box::default())).collect();
            assert_eq!(ByKey::ordered(&objects).is_some(), is_ordered, "{keys:?}");
        }
    }
}

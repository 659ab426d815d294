//! Files with many objects: each has its own values, and what is wrong is said in order.

use super::*;

/// Entries with a password of their own, and what the rest of the file says.
fn numbers(rest: &str) -> String {
    let entry = |number: u32| {
        format!("  - {{ number: {number}, target: cc, password: '${{env:PW{{number}}}}-${{env:ALL}}' }}\n")
    };
    format!("sip_numbers:\n{}{rest}", (1_000..1_300).map(entry).collect::<String>())
}

fn variables(but: &[u32]) -> Vec<(String, String)> {
    let one = |number: u32| (format!("PW{number}"), format!("pw-{number}"));
    let own = (1_000..1_300).filter(|number| !but.contains(number)).map(one);
    own.chain([("ALL", "all"), ("YES", "yes")].map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
}

fn resolved_with(text: &str, variables: &[(String, String)]) -> Result<Resolved, String> {
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (&**name, &**value)).collect();
    resolved(text, &variables)
}

#[test]
fn every_object_has_its_own_values_and_place() {
    let whole = "  - { number: 2001-2003, target: cc, password: '${env:ALL}' }\n";
    let waiting = "defaults: { sip_numbers: { nat: '${env:YES}' } }\n";
    for (rest, more) in [("", 0), (whole, 3), (waiting, 0)] {
        let desired = resolved_with(&numbers(rest), &variables(&[])).unwrap().desired;
        assert_eq!(desired.objects.len(), 300 + more, "{rest}");
        for (object, number) in desired.objects.iter().zip(1_000..1_300_u32) {
            assert_eq!(*object.address.key, number.to_string());
            assert_eq!(value(object, "password"), &Value::secret(format!("pw-{number}-all")));
            assert_eq!(object.source.line, number - 998);
        }
    }
}

#[test]
fn what_is_wrong_anywhere_is_said_in_order() {
    let missing = [1_001, 1_049, 1_050, 1_298];
    let said = resolved_with(&numbers(""), &variables(&missing)).unwrap_err();
    let places: Vec<usize> =
        missing.iter().map(|number| said.find(&format!("`PW{number}` isn't set")).unwrap()).collect();
    assert!(places.is_sorted(), "{said}");
    assert!(said.contains("error: 4 errors in 1 file"), "{said}");
}

/// What is the same in two entries far apart is seen, although others have nothing to do with each other.
#[test]
fn what_two_entries_have_in_common_is_seen() {
    let with_agent =
        |number: u32, agent: &str| format!("  - {{ number: {number}, target: cc, password: x, agent: '{agent}' }}\n");
    let idle: String = (2_000..2_300).map(|number| with_agent(number, "")).collect();
    for (first, last, is_seen) in [("${env:ALL}", "all", true), ("${env:ALL}", "other", false), ("", "", false)] {
        let rest = with_agent(1_999, first) + &idle + &with_agent(2_300, last);
        let said = resolved_with(&numbers(&rest), &variables(&[])).err().unwrap_or_default();
        assert_eq!(said.contains("not_unique"), is_seen, "{first} {last}: {said}");
    }
}

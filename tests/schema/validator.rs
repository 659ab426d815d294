//! A validator for the keywords that the schemas have; `.ci/consumers` asks one that isn't ours, too.

use std::collections::HashMap;

use regex::Regex;
use serde_json::{Map, Value as Json};

/// A schema to hold values against.
pub(crate) struct Validator {
    root: Json,
    patterns: HashMap<String, Regex>,
}

impl Validator {
    pub(crate) fn new(root: Json) -> Self {
        let mut patterns = HashMap::new();
        collect(&root, &mut patterns);
        Self { root, patterns }
    }

    /// What is wrong with a value, by its place; nothing where it fits.
    pub(crate) fn errors(&self, value: &Json) -> Vec<String> {
        let mut errors = Vec::new();
        self.check(&self.root, value, "", &mut errors);
        errors
    }

    fn fits(&self, schema: &Json, value: &Json) -> bool {
        let mut errors = Vec::new();
        self.check(schema, value, "", &mut errors);
        errors.is_empty()
    }

    fn check(&self, schema: &Json, value: &Json, at: &str, errors: &mut Vec<String>) {
        let Json::Object(keywords) = schema else {
            if *schema == Json::Bool(false) {
                errors.push(format!("{at}: not allowed"));
            }
            return;
        };
        for (keyword, asked) in keywords {
            self.keyword(keyword, asked, keywords, value, at, errors);
        }
    }

    fn keyword(
        &self,
        keyword: &str,
        asked: &Json,
        keywords: &Map<String, Json>,
        value: &Json,
        at: &str,
        errors: &mut Vec<String>,
    ) {
        let mut ask = |holds: bool| {
            if !holds {
                errors.push(format!("{at}: {keyword} {asked}"));
            }
        };
        let all = |asked: &Json, test: &dyn Fn(&Json) -> bool| asked.as_array().unwrap().iter().any(test);
        match keyword {
            "$ref" => {
                let definition = asked.as_str().unwrap().strip_prefix('#').unwrap();
                self.check(self.root.pointer(definition).unwrap(), value, at, errors);
            }
            "type" if asked.is_array() => ask(all(asked, &|name| is_of(name, value))),
            "type" => ask(is_of(asked, value)),
            "const" => ask(asked == value),
            "enum" => ask(all(asked, &|one| one == value)),
            "not" => ask(!self.fits(asked, value)),
            "anyOf" | "oneOf" => ask(all(asked, &|schema| self.fits(schema, value))),
            "allOf" => asked.as_array().unwrap().iter().for_each(|schema| self.check(schema, value, at, errors)),
            "if" if self.fits(asked, value) => {
                self.check(keywords.get("then").unwrap_or(&Json::Null), value, at, errors);
            }
            "pattern" => ask(value.as_str().is_none_or(|text| self.patterns[asked.as_str().unwrap()].is_match(text))),
            "minimum" => ask(value.as_f64().is_none_or(|number| number >= asked.as_f64().unwrap())),
            "maximum" => ask(value.as_f64().is_none_or(|number| number <= asked.as_f64().unwrap())),
            "minItems" => ask(value.as_array().is_none_or(|items| items.len() as u64 >= asked.as_u64().unwrap())),
            "maxItems" => ask(value.as_array().is_none_or(|items| items.len() as u64 <= asked.as_u64().unwrap())),
            "required" => {
                ask(value.as_object().is_none_or(|map| !all(asked, &|key| !map.contains_key(key.as_str().unwrap()))));
            }
            "items" => value.as_array().into_iter().flatten().enumerate().for_each(|(index, item)| {
                self.check(asked, item, &format!("{at}/{index}"), errors);
            }),
            "propertyNames" => value.as_object().into_iter().flatten().for_each(|(key, _)| {
                self.check(asked, &Json::from(key.as_str()), &format!("{at}/{key}"), errors);
            }),
            "properties" => value.as_object().into_iter().flatten().for_each(|(key, value)| {
                self.check(asked.get(key).unwrap_or(&Json::Null), value, &format!("{at}/{key}"), errors);
            }),
            "patternProperties" => value.as_object().into_iter().flatten().for_each(|(key, value)| {
                let asked =
                    asked.as_object().unwrap().iter().filter(|(pattern, _)| self.patterns[*pattern].is_match(key));
                asked.for_each(|(_, asked)| self.check(asked, value, &format!("{at}/{key}"), errors));
            }),
            "additionalProperties" => {
                let known = |key: &str| keywords.get("properties").is_some_and(|known| known.get(key).is_some());
                let others = value.as_object().into_iter().flatten().filter(|(key, _)| !known(key));
                others.for_each(|(key, value)| self.check(asked, value, &format!("{at}/{key}"), errors));
            }
            "if"
            | "then"
            | "definitions"
            | "default"
            | "description"
            | "title"
            | "patternErrorMessage"
            | "$schema"
            | "$id" => {}
            other => panic!("{other}: a keyword that this validator doesn't know"),
        }
    }
}

fn is_of(name: &Json, value: &Json) -> bool {
    match name.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other}: no type of JSON Schema"),
    }
}

fn collect(schema: &Json, patterns: &mut HashMap<String, Regex>) {
    match schema {
        Json::Object(map) => {
            let of_keys = map.get("patternProperties").and_then(Json::as_object).into_iter().flatten();
            let own = map.get("pattern").and_then(Json::as_str);
            for pattern in of_keys.map(|(pattern, _)| pattern.as_str()).chain(own) {
                patterns.insert(pattern.to_owned(), Regex::new(pattern).unwrap());
            }
            map.values().for_each(|value| collect(value, patterns));
        }
        Json::Array(items) => items.iter().for_each(|value| collect(value, patterns)),
        _ => {}
    }
}

//! Phones. They are made a group at a time, with accounts and passwords of the platform's own making; nothing changes or
//! removes them but a new password.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::fields::{invalid, text};
use super::paging::{Page, params};
use super::state::State;
use super::status;
use crate::sandbox::dialect::Refusal;
use crate::sandbox::hash::md5_hex;

/// The longest name of a group, of a phone, and the longest account, in characters. The documents want at least 4 and
/// show a name of 3, so a short one passes.
const MAX_NAME: usize = 32;

/// The shortest account, in characters.
const MIN_ACCOUNT: usize = 4;

/// The most phones of one call.
const MAX_QUANTITY: u64 = 50;

/// One phone.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the fields are named as on the wire")]
pub(super) struct Phone {
    pub(super) app_id: String,
    pub(super) group_name: String,
    /// With its place in the group: `sip-1`.
    pub(super) phone_name: String,
    pub(super) account: String,
    pub(super) password: String,
    pub(super) display_num: String,
}

impl State {
    pub(super) fn add_phones(&mut self, fields: &Map<String, Value>) -> Result<Value, Refusal> {
        let group_name = text(fields, "groupName", MAX_NAME)?;
        let base = text(fields, "phoneName", MAX_NAME)?;
        let quantity = fields.get("quantity").and_then(Value::as_u64);
        let quantity = quantity.filter(|quantity| (1..=MAX_QUANTITY).contains(quantity));
        let quantity = quantity.ok_or_else(|| invalid("quantity"))?;
        let display_num = display_number(fields)?;
        let app_id = self.app(fields)?;
        self.check_new_group(&app_id, &group_name, &base, quantity)?;
        for place in 1..=quantity {
            let (account, password) = (self.fresh_account(), self.fresh_password());
            self.phones.push(Phone {
                app_id: app_id.clone(),
                group_name: group_name.clone(),
                phone_name: format!("{base}-{place}"),
                account,
                password,
                display_num: display_num.clone(),
            });
        }
        Ok(Value::Null)
    }

    /// A group's name and its phones' are its own within the application.
    fn check_new_group(&self, app: &str, group: &str, base: &str, quantity: u64) -> Result<(), Refusal> {
        let in_app = || self.phones.iter().filter(|phone| phone.app_id == app);
        let is_taken = |phone: &Phone| phone.group_name == group || base_of(&phone.phone_name) == base;
        if in_app().any(is_taken) {
            return Err(Refusal::new(status::EXISTS, "data already exists"));
        }
        let quantity = usize::try_from(quantity).unwrap_or(usize::MAX);
        if self.max_phones.is_some_and(|max| in_app().count().saturating_add(quantity) > max) {
            return Err(Refusal::new(status::UPPER_LIMIT, "data reached the upper limit"));
        }
        Ok(())
    }

    pub(super) fn query_phones(&self, fields: &Map<String, Value>) -> Result<Value, Refusal> {
        let page = Page::read(fields)?;
        let app = self.app(&params(fields)?)?;
        let shown: Vec<_> = self.phones.iter().filter(|phone| phone.app_id == app).collect();
        Ok(page.of(&shown, &self.hidden_fields, |_, phone| {
            json!({
                "groupName": phone.group_name, "phoneName": phone.phone_name, "account": phone.account,
                "password": phone.password, "displayNum": phone.display_num, "createTime": "2026-01-05 09:00:00",
            })
        }))
    }

    pub(super) fn reset_phone(&mut self, fields: &Map<String, Value>) -> Result<Value, Refusal> {
        let account = text(fields, "account", MAX_NAME)?;
        if account.chars().count() < MIN_ACCOUNT {
            return Err(invalid("account"));
        }
        let app = self.app(fields)?;
        let index = self.phones.iter().position(|phone| phone.app_id == app && phone.account == account);
        let index = index.ok_or_else(|| Refusal::new(status::NOT_THERE, "no such phone"))?;
        let password = self.fresh_password();
        if let Some(phone) = self.phones.get_mut(index) {
            phone.password.clone_from(&password);
        }
        Ok(json!({ "account": account, "password": password }))
    }

    /// An account that no phone has.
    fn fresh_account(&mut self) -> String {
        loop {
            self.made += 1;
            let account = format!("84{:08}", self.made);
            if self.phones.iter().all(|phone| phone.account != account) {
                return account;
            }
        }
    }

    fn fresh_password(&mut self) -> String {
        self.made += 1;
        md5_hex(&format!("password {}", self.made)).chars().take(12).collect()
    }
}

/// `sip-12` → `sip`.
fn base_of(phone_name: &str) -> &str {
    phone_name.rsplit_once('-').map_or(phone_name, |(base, _)| base)
}

/// 7–13 digits.
fn display_number(fields: &Map<String, Value>) -> Result<String, Refusal> {
    let number = text(fields, "displayNum", 13)?;
    let fits = number.len() >= 7 && number.bytes().all(|byte| byte.is_ascii_digit());
    fits.then_some(number).ok_or_else(|| invalid("displayNum"))
}

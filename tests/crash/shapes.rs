//! The stories: plans of every shape.

use serde_json::{Value as Json, json};

use crate::stage::Story;

const TRUNK: Story = Story {
    name: "",
    providers: &["yeastar"],
    dialect: None,
    edit: only_a_stranger,
    before: "",
    after: "",
    in_parts: false,
};

/// Somebody else's trunk and nothing more.
fn only_a_stranger(state: &mut Json) {
    // Other vendors' boxes have other trunks.
    if state["extension_groups"].is_array() {
        state["trunks"] = json!([peer("3", "stranger", "s.example"), peer("4", "by-hand", "h.example")]);
        state["next_id"] = json!(5);
    }
}

fn peer(id: &str, name: &str, host: &str) -> Json {
    json!({ "id": id, "trunkname": name, "trunktype": "peer", "status": "Unknown", "host": host, "port": "5060",
        "domain": host, "extensionsdod": "", "extensionsgroupdod": "" })
}

/// Somebody else's trunks, and no place for more than four.
fn nearly_full(state: &mut Json) {
    only_a_stranger(state);
    state["max_trunks"] = json!(4);
}

fn as_seeded(_: &mut Json) {}

pub(crate) const CREATE: Story = Story {
    name: "create",
    after: "trunks:
  - { name: a, target: box, type: peer, host: a.example, domain: a.example }
  - { name: b, target: box, type: account, username: bb, auth_name: bb, password: secret-b1, protect: true }",
    ..TRUNK
};

pub(crate) const UPDATE: Story = Story {
    name: "update",
    before: CREATE.after,
    after: "trunks:
  - { name: a, target: box, type: peer, host: a.example, domain: a.example, port: 5070 }
  - { name: b, target: box, type: account, username: bb, auth_name: bb, password: secret-b2 }",
    ..TRUNK
};

pub(crate) const DELETE: Story = Story {
    name: "delete",
    before: "trunks:
  - { name: a, target: box, type: peer, host: a.example, domain: a.example }
  - { name: b, target: box, type: peer, host: b.example, domain: b.example }",
    after: "trunks: [{ name: a, target: box, type: peer, host: a.example, domain: a.example }]
removed: [{ address: box/trunk/by-hand, delete: true }]",
    ..TRUNK
};

pub(crate) const REPLACE: Story = Story {
    name: "replace",
    before: "trunks: [{ name: a, target: box, type: peer, host: a.example, domain: a.example }]",
    after: "trunks: [{ name: a, target: box, type: account, username: aa, auth_name: aa, password: secret-a1 }]",
    in_parts: true,
    ..TRUNK
};

pub(crate) const RENAME: Story = Story {
    name: "rename",
    before: "trunks: [{ name: a, target: box, type: peer, host: a.example, domain: a.example, protect: true }]",
    after: "trunks: [{ name: z, target: box, type: peer, host: a.example, domain: a.example, previously: a, protect: true }]",
    ..TRUNK
};

/// The new one is made before the old one goes.
pub(crate) const SUCCEED: Story = Story {
    name: "a trunk that replaces another",
    before: "trunks: [{ name: old, target: box, type: peer, host: a.example, domain: a.example }]",
    after: "trunks: [{ name: new, target: box, type: peer, host: a.example, domain: a.example }]",
    ..TRUNK
};

/// The old one has to go before there is room.
pub(crate) const FULL: Story = Story {
    name: "a full box",
    edit: nearly_full,
    before: DELETE.before,
    after: "trunks:
  - { name: a, target: box, type: peer, host: a.example, domain: a.example }
  - { name: c, target: box, type: peer, host: c.example, domain: c.example }",
    ..TRUNK
};

/// Both at once: the new one ought to be made first, and there is no room.
pub(crate) const SUCCEED_FULL: Story = Story {
    name: "a trunk that replaces another on a full box",
    after: "trunks:
  - { name: a, target: box, type: peer, host: a.example, domain: a.example }
  - { name: c, target: box, type: peer, host: b.example, domain: b.example }",
    ..FULL
};

/// Nothing is sent, and the ledger learns what is ours.
pub(crate) const ADOPT: Story = Story {
    name: "adoption",
    after: "trunks: [{ name: by-hand, target: box, type: peer, host: h.example, domain: h.example, protect: true }]",
    ..TRUNK
};

/// A little of everything on one box.
pub(crate) const REWORK: Story = Story {
    name: "rework",
    before: "trunks:
  - { name: a, target: box, type: peer, host: a.example, domain: a.example }
  - { name: b, target: box, type: peer, host: b.example, domain: b.example }
  - { name: c, target: box, type: peer, host: c.example, domain: c.example }
  - { name: d, target: box, type: peer, host: d.example, domain: d.example }",
    after: "trunks:
  - { name: a, target: box, type: peer, host: a.example, domain: a.example, port: 5070 }
  - { name: c, target: box, type: account, username: cc, auth_name: cc, password: secret-c1 }
  - { name: z, target: box, type: peer, host: d.example, domain: d.example, previously: d, protect: true }
  - { name: e, target: box, type: peer, host: e.example, domain: e.example, protect: true }",
    in_parts: true,
    ..TRUNK
};

/// The same without what this vendor doesn't have.
pub(crate) const OPENVOX: Story = Story {
    name: "rework openvox",
    providers: &["openvox"],
    edit: as_seeded,
    before: "trunks:
  - { name: a, target: box, type: peer, host: a.example }
  - { name: b, target: box, type: peer, host: b.example }
  - { name: c, target: box, type: peer, host: c.example }
  - { name: d, target: box, type: peer, host: d.example }",
    after: "trunks:
  - { name: a, target: box, type: peer, host: a.example, port: 5070 }
  - { name: c, target: box, type: account, username: cc, auth_name: cc, password: secret-c1 }
  - { name: z, target: box, type: peer, host: d.example, previously: d, protect: true }
  - { name: e, target: box, type: peer, host: e.example, protect: true }",
    in_parts: true,
    ..TRUNK
};

const NUMBERS: Story = Story { providers: &["7moor"], edit: as_seeded, ..TRUNK };

pub(crate) const NUMBERS_REWORK: Story = Story {
    name: "numbers",
    before: "sip_numbers:
  - { number: \"2001\", target: cc, password: Dial-2001 }
  - { number: \"2002\", target: cc, password: Dial-2002 }
  - { number: \"2003\", target: cc, password: Dial-2003, nat: true, codecs: [G711A, G729] }",
    after: "sip_numbers:
  - { number: \"2001\", target: cc, password: Dial-2001, nat: true, codecs: [G711A] }
  - { number: \"2005\", target: cc, password: Dial-2003, nat: true, codecs: [G711A, G729], previously: \"2003\" }
  - { number: \"2010-2011\", target: cc, password: Dial-2010, protect: true }",
    ..NUMBERS
};

/// Two numbers change their agents: each has to give its own up first.
pub(crate) const AGENTS: Story = Story {
    name: "agents",
    before: "sip_numbers:
  - { number: \"2000\", target: cc, password: Dial-2000, agent: 5feb148e19a5207b5020e728 }
  - { number: \"2001\", target: cc, password: Dial-2001, agent: 5fe47b9df94f8c728ac1bbde }
  - { number: \"2003\", target: cc, password: Dial-2003, nat: true, codecs: [G711A, G729] }",
    after: "sip_numbers:
  - { number: \"2000\", target: cc, password: Dial-2000, agent: 5fe47b9df94f8c728ac1bbde }
  - { number: \"2001\", target: cc, password: Dial-2001, agent: 5feb148e19a5207b5020e728 }
  - { number: \"2003\", target: cc, password: Dial-2003, nat: true, codecs: [G711A, G729] }",
    in_parts: true,
    ..NUMBERS
};

/// An agent moves on from one number to another.
pub(crate) const AGENT: Story = Story {
    name: "agent",
    before: "sip_numbers:
  - { number: \"2000\", target: cc, password: Dial-2000, agent: 5feb148e19a5207b5020e728 }
  - { number: \"2001\", target: cc, password: Dial-2001, agent: \"\" }",
    after: "sip_numbers:
  - { number: \"2000\", target: cc, password: Dial-2000, agent: \"\" }
  - { number: \"2001\", target: cc, password: Dial-2001, agent: 5feb148e19a5207b5020e728 }",
    in_parts: true,
    ..NUMBERS
};

pub(crate) const PLATFORM: Story = Story {
    name: "platform",
    providers: &["itniotech"],
    edit: as_seeded,
    before: "numbers: [{ number: \"85230000001\", target: voice, inbound_ip: \"203.0.113.7:5060\", remark: main line }]",
    after: "phone_groups: [{ name: sipGroup, target: voice, phone_name: sip, quantity: 3, display_number: \"861000000\" }]
call_center_trunks:
  - { name: carrier-a, target: voice, direction: outbound, gateway_ip: \"203.0.113.17:5060\", register: true, username: u1,
      password: Carrier-a-1, prefix: \"9\", groups: [{ group: sales }] }
  - { name: carrier-b, target: voice, direction: outbound, gateway_ip: \"203.0.113.18:5060\", register: true, username: u2,
      password: Carrier-b-1, prefix: \"8\", groups: [{ group: support }], protect: true }
numbers: [{ number: \"85230000001\", target: voice, inbound_ip: \"203.0.113.8:5060\", remark: main line }]",
    ..TRUNK
};

/// Every vendor in one plan, the targets side by side.
pub(crate) const MIXED: Story = Story {
    name: "mixed",
    providers: &["yeastar", "openvox", "7moor", "itniotech"],
    before: "trunks:
  - { name: a, target: box, type: peer, host: a.example, domain: a.example }
  - { name: x, target: box, type: peer, host: x.example, domain: x.example }
  - { name: a, target: branch, type: peer, host: a.example }
  - { name: x, target: branch, type: peer, host: x.example }",
    after: "trunks:
  - { name: x, target: box, type: peer, host: x.example, domain: x.example, port: 5070 }
  - { name: new, target: box, type: peer, host: n.example, domain: n.example }
  - { name: x, target: branch, type: peer, host: x.example }
  - { name: new, target: branch, type: peer, host: n.example }
sip_numbers:
  - { number: \"2001\", target: cc, password: Dial-2001, nat: true }
  - { number: \"2010\", target: cc, password: Dial-2010 }
phone_groups: [{ name: sipGroup, target: voice, phone_name: sip, quantity: 3, display_number: \"861000000\" }]
numbers: [{ number: \"85230000001\", target: voice, inbound_ip: \"203.0.113.8:5060\", remark: main line }]",
    ..TRUNK
};

/// One shape each.
pub(crate) const ALONE: &[Story] = &[
    CREATE,
    UPDATE,
    DELETE,
    REPLACE,
    RENAME,
    SUCCEED,
    FULL,
    SUCCEED_FULL,
    ADOPT,
    NUMBERS_REWORK,
    AGENT,
    AGENTS,
    PLATFORM,
];

/// Several.
pub(crate) const TOGETHER: &[Story] = &[REWORK, OPENVOX, MIXED];

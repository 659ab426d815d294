//! Over a real socket on loopback: what only a network can show.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::{PASSWORD_MD5, api_key_headers, faults, settings, sign};
use crate::sandbox::{Error, Listen, Sandbox, Server};

fn listen(address: &str) -> Listen {
    Listen {
        address: address.parse().unwrap(),
        providers: ["yeastar", "openvox", "7moor", "itniotech"].map(|name| (name.to_owned(), settings(name))).to_vec(),
        allow_remote: false,
    }
}

/// Everything that comes back until the server closes the connection.
async fn exchange(address: SocketAddr, path: &str, headers: &[(&str, String)], body: &str) -> String {
    let headers: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let start = format!("POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n", body.len());
    let request = format!("{start}{}connection: close\r\n\r\n{body}", headers.concat());
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is dropped may end in a reset as well as in an end.
    drop(stream.read_to_end(&mut answer).await);
    String::from_utf8(answer).unwrap()
}

fn announced_and_got(answer: &str) -> (usize, usize) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    (length.parse().unwrap(), body.len())
}

#[tokio::test]
async fn every_vendor_is_served_under_one_address() {
    let sandbox = Sandbox::new(None).with_clock(std::sync::Arc::new(|| super::NOW));
    let server = Server::bind(&sandbox, &listen("127.0.0.1:0")).await.unwrap();
    let address = server.address();
    assert_ne!(address.port(), 0);
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async {
        drop(stopped.await);
    }));
    let json = [("content-type", "application/json; charset=utf-8".to_owned())];
    let login = format!(r#"{{"username":"api","password":"{PASSWORD_MD5}","port":"8260","version":"2.0.0"}}"#);

    let answer = exchange(address, "/api/v2.0.0/login", &json, &login).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    for header in ["server: Boa/0.94.14rc21\r\n", "connection: close\r\n", "content-type: application/json\r\n"] {
        assert!(answer.contains(header), "{answer}");
    }
    let token = serde_json::from_str::<Value>(answer.split_once("\r\n\r\n").unwrap().1).unwrap()["token"].clone();
    let list = format!("/api/v2.0.0/trunk/list?token={}", token.as_str().unwrap());

    let answer = exchange(address, "/openapi/v1/call/sip/list", &sign(&super::NOW.to_string(), "000001"), "").await;
    assert!(answer.contains("requestSuccess"), "{answer}");
    let answer = exchange(address, "/elsewhere", &json, "").await;
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    for prefix in ["/api/v2.0.0/", "/api/v1.1.0/", "/api/v0.0.1/", "/openapi/v1/", "/voice/", "/v3/cc/", "/number/"] {
        assert!(answer.contains(prefix), "{answer}");
    }
    let answer = exchange(address, "/api/v1.1.0/login", &json, &login.replace("2.0.0", "1.0.2")).await;
    assert!(answer.contains("10003"), "{answer}");
    let answer = exchange(address, "/api/v0.0.1/login?type=json", &json, &login.replace("2.0.0", "0.0.1")).await;
    assert!(answer.contains("Success"), "{answer}");
    let groups = r#"{"current":1,"size":10,"params":{}}"#;
    let answer = exchange(address, "/v3/cc/seatGroup/query", &api_key_headers(super::NOW), groups).await;
    assert!(answer.contains("support"), "{answer}");

    sandbox.set_faults(faults(&["cut:trunk/list", "cut-before:trunk/list"]));
    let answer = exchange(address, &list, &json, "{}").await;
    let (announced, got) = announced_and_got(&answer);
    assert_eq!(got, announced / 2, "{answer}");
    assert_eq!(exchange(address, &list, &json, "{}").await, "");
    let (announced, got) = announced_and_got(&exchange(address, &list, &json, "{}").await);
    assert_eq!(got, announced);

    let huge = format!("{{\"id\":\"{}\"}}", "1".repeat(1 << 20));
    let answer = exchange(address, &list, &json, &huge).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");

    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn each_target_of_a_fleet_has_a_path_of_its_own() {
    let sandbox = Sandbox::new(None).with_clock(std::sync::Arc::new(|| super::NOW)).with_objects(1);
    let server = Server::bind(&sandbox, &listen("127.0.0.1:0")).await.unwrap().with_targets(3);
    let address = server.address();
    let running = tokio::spawn(server.run(std::future::pending()));
    let nonces = std::cell::Cell::new(0);
    let call = |path: &'static str, body: &'static str| {
        nonces.set(nonces.get() + 1);
        let headers = sign(&super::NOW.to_string(), &format!("{:06}", nonces.get()));
        async move { exchange(address, path, &headers, body).await }
    };
    let create = r#"{"number":"2004","password":"123456","isNAT":false,"codingFormat":["G711A"]}"#;
    assert!(call("/7moor-3/openapi/v1/call/sip/create", create).await.contains("requestSuccess"));
    for (path, count) in [("/7moor-3/openapi/v1/call/sip/list", 2), ("/7moor-1/openapi/v1/call/sip/list", 1)] {
        assert_eq!(call(path, "").await.matches("\"sipId\"").count(), count, "{path}");
    }
    assert_eq!(call("/openapi/v1/call/sip/list", "").await.matches("\"sipId\"").count(), 1, "the one without a path");

    let json = [("content-type", "application/json; charset=utf-8".to_owned())];
    let login = format!(r#"{{"username":"api","password":"{PASSWORD_MD5}","port":"8260","version":"2.0.0"}}"#);
    for prefix in ["/yeastar-1", "/yeastar-2"] {
        let answer = exchange(address, &format!("{prefix}/api/v2.0.0/login"), &json, &login).await;
        let token = serde_json::from_str::<Value>(answer.split_once("\r\n\r\n").unwrap().1).unwrap()["token"].clone();
        let list = format!("{prefix}/api/v2.0.0/trunk/list?token={}", token.as_str().unwrap());
        assert!(exchange(address, &list, &json, "{}").await.contains("trunk-1"), "{prefix}");
    }
    for none in ["/7moor-0", "/7moor-4", "/7moor-01", "/7moor-", "/asterisk-1", "/7moor", "//7moor-1", "/7moor-1x"] {
        let answer = exchange(address, &format!("{none}/openapi/v1/call/sip/list"), &json, "").await;
        assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("/7moor-1/ to /7moor-3/"), "{none}: {answer}");
    }
    running.abort();
}

#[tokio::test]
async fn an_address_that_others_can_reach_is_refused_unless_allowed() {
    let sandbox = Sandbox::new(None);
    let open = listen("0.0.0.0:0");
    let error = Server::bind(&sandbox, &open).await.unwrap_err();
    assert!(matches!(error, Error::NotLoopback(_)), "{error}");
    let allowed = Listen { allow_remote: true, ..open };
    let server = Server::bind(&sandbox, &allowed).await.unwrap();
    let taken = listen(&format!("127.0.0.1:{}", server.address().port()));
    let error = Server::bind(&sandbox, &taken).await.unwrap_err();
    assert!(error.to_string().starts_with("can't serve the sandbox on 127.0.0.1:"), "{error}");
}

#[tokio::test]
async fn two_boxes_under_the_same_paths_are_refused() {
    let sandbox = Sandbox::new(None);
    let mut listen = listen("127.0.0.1:0");
    for (_, settings) in &mut listen.providers {
        *settings = std::mem::take(settings).with("api_version", "v1.1.0");
    }
    let error = Server::bind(&sandbox, &listen).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "yeastar and openvox would both be served under /api/v1.1.0/; serve one of them alone with --provider"
    );
}

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

const TOKEN: &str = "s3cr3t-t0ken";

fn exchange() -> Exchange {
    Exchange { timeout: Duration::from_secs(20), max_body: 1000 }
}

fn request(port: u16) -> Request<Bytes> {
    let url = format!("http://127.0.0.1:{port}/api?token={TOKEN}");
    Request::post(url).body(Bytes::from_static(b"{}")).unwrap()
}

/// A transport that no proxy setting of this machine leads elsewhere.
fn transport() -> Reqwest {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
    Reqwest { client: client.unwrap() }
}

/// Answers one connection with these bytes, then holds it open or closes it.
async fn serve(answer: &'static [u8], hold: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = [0; 4096];
        let _ = stream.read(&mut asked).await;
        let _ = stream.write_all(answer).await;
        if hold {
            std::future::pending::<()>().await;
        }
    });
    port
}

fn has_no_token(error: &TransportError) {
    for text in [error.to_string(), format!("{error:?}"), format!("{:?}", Failure::from(error.clone()))] {
        assert!(!text.contains(TOKEN) && !text.contains("token="), "{text}");
    }
}

#[tokio::test]
async fn a_closed_port_means_not_sent_and_shows_no_token() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = transport().send(request(port), exchange()).await.unwrap_err();
    has_no_token(&error);
    assert!(matches!(error, TransportError::NotSent(_)), "{error:?}");
    assert!(error.to_string().starts_with(&format!("can't connect to 127.0.0.1:{port}: ")), "{error}");
}

#[tokio::test]
async fn a_body_is_given_out_while_it_arrives() {
    let port = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", true).await;
    let mut pieces = transport().open(request(port), exchange()).await.unwrap().into_body();
    assert_eq!(pieces.next().await.unwrap().unwrap(), "hello", "the other half never comes");
    let short = Exchange { max_body: 4, ..exchange() };
    let port = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", true).await;
    let mut pieces = transport().open(request(port), short).await.unwrap().into_body();
    assert_eq!(pieces.next().await.unwrap_err(), TransportError::TooLarge(4));
}

/// Thousands of targets make one client.
#[test]
fn targets_with_the_same_settings_share_their_connections() {
    let network = Network::default();
    let transport = |url: &str, tls: &Tls| network.transport(url, tls).unwrap();
    let (usual, lax) = (Tls::default(), Tls { insecure_skip_verify: true, ..Tls::default() });
    let first = transport("https://10.0.0.1", &usual);
    assert!(Arc::ptr_eq(&first, &transport("https://10.0.0.2:8088", &usual)));
    let near = transport("http://127.0.0.1", &usual);
    assert!(Arc::ptr_eq(&near, &transport("http://localhost:8088", &usual)));
    assert!(!Arc::ptr_eq(&near, &transport("https://127.0.0.1", &usual)), "without TLS nobody is trusted");
    for other in [near, transport("https://127.0.0.1", &usual), transport("https://10.0.0.1", &lax)] {
        assert!(!Arc::ptr_eq(&first, &other));
    }
}

#[tokio::test]
async fn an_answer_comes_back_whole() {
    let answer = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 2\r\n\r\nhi";
    let port = serve(answer, false).await;
    let response = transport().send(request(port), exchange()).await.unwrap();
    // Not followed.
    assert_eq!((response.status().as_u16(), response.body().as_ref()), (302, b"hi".as_slice()));
    assert_eq!(response.headers()["location"], "http://127.0.0.1:1/x");
}

#[tokio::test]
async fn a_broken_answer_is_not_an_answer() {
    let answers: [&[u8]; 3] = [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", b"nonsense\r\n\r\n"];
    for answer in answers {
        let port = serve(answer, false).await;
        let error = transport().send(request(port), exchange()).await.unwrap_err();
        has_no_token(&error);
        assert!(matches!(error, TransportError::Broken(_)), "{error:?}");
    }
}

#[tokio::test]
async fn no_answer_in_time() {
    let short = Exchange { timeout: Duration::from_millis(50), ..exchange() };
    for answer in [b"".as_slice(), b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"] {
        let port = serve(answer, true).await;
        let error = transport().send(request(port), short).await.unwrap_err();
        has_no_token(&error);
        assert_eq!(error, TransportError::TimedOut(short.timeout));
    }
}

#[tokio::test]
async fn an_endless_answer_is_cut() {
    let answer: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n".iter().chain(&[b'x'; 2000]).copied().collect::<Vec<_>>().leak();
    let port = serve(answer, true).await;
    let error = transport().send(request(port), exchange()).await.unwrap_err();
    assert_eq!(error, TransportError::TooLarge(1000));
}

#[tokio::test]
async fn plain_http_on_a_tls_url_is_told_apart() {
    let port = serve(b"HTTP/1.1 400 Bad Request\r\n\r\n", false).await;
    let url = format!("https://127.0.0.1:{port}/api?token={TOKEN}");
    let request = Request::post(url).body(Bytes::new()).unwrap();
    let client = reqwest::Client::builder().no_proxy();
    let client = client.tls_backend_preconfigured(tls::trusting_nobody().unwrap()).build().unwrap();
    let error = Reqwest { client }.send(request, exchange()).await.unwrap_err();
    has_no_token(&error);
    let TransportError::NotSent(message) = &error else { panic!("{error:?}") };
    assert!(message.contains("should `url` begin with http://?"), "{message}");
}

#[test]
fn targets_with_equal_settings_share_one_client() {
    let network = Network::default();
    let open = Tls { insecure_skip_verify: true, ..Tls::default() };
    let one = network.transport("https://a.example", &open).unwrap();
    assert!(Arc::ptr_eq(&one, &network.transport("https://b.example", &open).unwrap()));
    assert!(!Arc::ptr_eq(&one, &network.transport("https://a.example", &Tls::default()).unwrap()));
    // To this machine the way is another: past the proxies.
    assert!(!Arc::ptr_eq(&one, &network.transport("https://127.0.0.1:8088", &open).unwrap()));
}

#[test]
fn a_missing_certificate_file_is_named() {
    let tls = Tls { ca_file: Some("no/such/file.pem".into()), ..Tls::default() };
    let failure = Network::default().transport("https://a.example", &tls).err().unwrap();
    assert_eq!((failure.kind, &*failure.code), (FailureKind::NotSent, "tls_config"));
    assert!(failure.message.starts_with("tls.ca_file no/such/file.pem: "), "{}", failure.message);
}

#[tokio::test]
async fn the_address_towards_loopback_is_loopback() {
    let towards: Uri = "http://127.0.0.1:8088".parse().unwrap();
    assert_eq!(transport().local_address(&towards).await, Some(IpAddr::from([127, 0, 0, 1])));
}

//! A layer that lets a call run to its end although its client has gone.

use axum::{
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Runs the call as a task of its own. Without this a client that is killed in the middle of
/// "create" would stop the stand-in in the middle too, which no cloud does: there the server
/// comes to be, and somebody has to find it.
pub async fn to_the_end(request: Request, next: Next) -> Response {
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, middleware, routing::get};
    use std::{sync::Arc, time::Duration};
    use tokio::{io::AsyncWriteExt, net::TcpListener, sync::Notify, time::timeout};

    /// Tells when it is dropped.
    struct Tell(Arc<Notify>);

    impl Drop for Tell {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }

    #[tokio::test]
    async fn a_call_ends_although_its_client_has_hung_up() {
        let [entered, hung_up, go_on, ended] = [(); 4].map(|()| Arc::new(Notify::new()));
        let (inside, go, end) = (Arc::clone(&entered), Arc::clone(&go_on), Arc::clone(&ended));
        let slow = get(async move || {
            inside.notify_one();
            go.notified().await;
            end.notify_one();
        });
        // Outside of the layer: dropped with the connection.
        let gone = Arc::clone(&hung_up);
        let watch = middleware::from_fn(move |request: Request, next: Next| {
            let tell = Tell(Arc::clone(&gone));
            async move {
                let response = next.run(request).await;
                drop(tell);
                response
            }
        });
        let router = Router::new()
            .route("/", slow)
            .layer(middleware::from_fn(to_the_end))
            .layer(watch);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = tokio::net::TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let soon = |notify: Arc<Notify>| async move { timeout(Duration::from_secs(10), notify.notified()).await };
        soon(entered).await.unwrap();
        drop(client);
        soon(hung_up).await.unwrap();
        go_on.notify_one();
        soon(ended).await.unwrap();
        server.abort();
    }
}

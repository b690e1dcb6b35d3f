// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/server.h"

#include <atomic>
#include <fstream>
#include <latch>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "streampark/base/files.h"
#include "streampark/base/http_client.h"
#include "streampark/base/process.h"
#include "streampark/base/temporary_folder.h"

namespace streampark::http {
namespace {

using api::Permission;
using api::Scope;
using base::HttpRequest;
using base::Millis;

constexpr api::Route kRoutes[] = {
    {"inline", "GET", "/inline", Permission::kNone, Scope::kSelf},
    {"pooled", "GET", "/pooled", Permission::kNone, Scope::kSelf},
    {"open", "GET", "/open", Permission::kNone, Scope::kPublic},
    {"echo", "POST", "/echo", Permission::kJobView, Scope::kTeam},
    {"upload", "POST", "/upload", Permission::kArtifactEdit, Scope::kTeam, true},
    {"wait", "GET", "/wait", Permission::kNone, Scope::kPublic},
    {"throw", "GET", "/throw", Permission::kNone, Scope::kPublic},
    {"stream", "GET", "/stream", Permission::kNone, Scope::kPublic},
};

/// Knows one token and one session of a developer.
class FixedAuthenticator final : public Authenticator {
 public:
  std::optional<console::Caller> Recall(const Credentials& credentials) override {
    if (credentials.bearer == "slow") {
      return std::nullopt;
    }
    const auto caller = Identify(credentials);
    return caller.ok() ? std::optional(*caller) : std::nullopt;
  }
  base::Result<console::Caller> Identify(const Credentials& credentials) override {
    console::Caller::Identity identity;
    identity.user_name = "dev";
    identity.rights.memberships = {{"T", api::Role::kDeveloper}};
    if (credentials.bearer == "good" || credentials.bearer == "slow") {
      identity.via = console::CallerVia::kToken;
    } else if (credentials.session == "good") {
      identity.via = console::CallerVia::kWeb;
      identity.csrf_token = "csrf";
    } else if (!credentials.bearer.empty() || !credentials.session.empty()) {
      return base::Error(base::ErrorCode::kUnauthenticated, "unknown");
    } else {
      return console::Caller();
    }
    return console::Caller(std::make_shared<const console::Caller::Identity>(std::move(identity)));
  }
  console::Caller Refresh(const console::Caller& caller) override { return caller; }
};

/// Sends what the test pushes.
class PushedStream final : public EventStream {
 public:
  struct Source {
    std::mutex mutex;
    std::string text;
    std::function<void()> wake;
    bool ended = false;
    std::atomic<int> open = 0;
    void Push(std::string more) {
      const std::lock_guard lock(mutex);
      text += more;
      if (wake) {
        wake();
      }
    }
  };
  explicit PushedStream(Source& source) : source_(source) { ++source_.open; }
  ~PushedStream() override {
    const std::lock_guard lock(source_.mutex);
    source_.wake = nullptr;
    --source_.open;
  }
  void OnWake(std::function<void()> wake) override {
    const std::lock_guard lock(source_.mutex);
    source_.wake = std::move(wake);
  }
  bool Take(std::string& out) override {
    const std::lock_guard lock(source_.mutex);
    out += std::exchange(source_.text, {});
    return !source_.ended;
  }

 private:
  Source& source_;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    router_.Bind(
        "inline",
        [](const Request& request) -> base::Result<Response> {
          return Response::Text("hello " + request.caller.user_name());
        },
        Execution::kInline);
    router_.Bind("pooled", [](const Request& request) -> base::Result<Response> {
      return Response::Text(std::string(request.Query("q").value_or("none")));
    });
    router_.Bind(
        "open", [this](const Request&) { return base::Result<Response>(Response::Json(shared_)); },
        Execution::kInline);
    router_.Bind("echo", [](const Request& request) -> base::Result<Response> {
      return Response::Text(request.body);
    });
    router_.Bind("upload", [this](const Request& request) -> base::Result<Response> {
      if (!request.upload) {
        return base::Error(base::ErrorCode::kUnsupportedMediaType, "no upload");
      }
      spooled_ = request.upload->file;
      return Response::Text(std::to_string(request.upload->size) + " " +
                            base::ReadFile(request.upload->file).value().substr(0, 5));
    });
    router_.Bind("wait", [this](const Request& request) -> base::Result<Response> {
      waiting_.count_down();
      released_.wait();
      return Response::Text(request.stop.stop_requested() ? "stopped" : "done");
    });
    router_.Bind("throw", [](const Request&) -> base::Result<Response> {
      throw std::runtime_error("a library's");
    });
    router_.Bind(
        "stream",
        [this](const Request&) -> base::Result<Response> {
          Response response;
          response.content_type = "text/event-stream";
          response.body = std::make_unique<PushedStream>(source_);
          return response;
        },
        Execution::kInline);
    options_.spool_folder = folder_.path();
    options_.body_limit = 1000;
    options_.upload_limit = 200'000;
  }
  ~ServerTest() override { Finish(); }

  void Begin() {
    server_.emplace(options_, router_, authenticator_, metrics_, random_);
    const base::Status started = server_->Start();
    ASSERT_TRUE(started.ok()) << started.error().ToString();
  }
  void Finish() {
    if (!released_.try_wait()) {
      released_.count_down();
    }
    if (server_) {
      server_->Stop(Millis(2000));
    }
  }
  std::string Url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + std::string(path);
  }
  base::HttpResponse Send(HttpRequest request) {
    auto response = client_.Send(request);
    EXPECT_TRUE(response.ok()) << response.error().ToString();
    return response.ok() ? *response : base::HttpResponse{};
  }
  base::HttpResponse Get(std::string_view path,
                         std::vector<std::pair<std::string, std::string>> headers = {}) {
    return Send({.url = Url(path), .headers = std::move(headers)});
  }

  /// Bytes as they are, for what no client would send: what comes back until the server closes.
  std::string Raw(std::string_view bytes, Millis patience = Millis(5000)) {
    const int socket = Connect();
    EXPECT_EQ(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    std::string answer = ReadAll(socket, patience);
    ::close(socket);
    return answer;
  }
  int Connect() {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server_->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return socket;
  }
  static std::string ReadAll(int socket, Millis patience) {
    std::string answer;
    for (;;) {
      pollfd polled{socket, POLLIN, 0};
      char buffer[4096];
      if (::poll(&polled, 1, static_cast<int>(patience.count())) <= 0) {
        return answer + "<still open>";
      }
      const ssize_t count = ::recv(socket, buffer, sizeof buffer, 0);
      if (count <= 0) {
        return answer;
      }
      answer.append(buffer, static_cast<std::size_t>(count));
    }
  }

  const std::vector<std::pair<std::string, std::string>> token_ = {
      {"Authorization", "Bearer good"}};
  const std::shared_ptr<const std::string> shared_ =
      std::make_shared<const std::string>(R"({"a":1})");
  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  base::SecureRandom random_;
  Router router_{kRoutes};
  FixedAuthenticator authenticator_;
  MetricsRegistry metrics_;
  ServerOptions options_;
  std::latch waiting_{1};
  std::latch released_{1};
  PushedStream::Source source_;
  std::filesystem::path spooled_;
  std::optional<Server> server_;
  base::HttpClient client_;
};

TEST_F(ServerTest, AnswersInlineAndOnThePool) {
  Begin();
  EXPECT_EQ(Get("/inline", token_).body, "hello dev");
  EXPECT_EQ(Get("/pooled?q=a%20b", token_).body, "a b");
  EXPECT_EQ(Get("/inline", {{"Authorization", "Bearer slow"}}).body, "hello dev");
  const base::HttpResponse open = Get("/open");
  EXPECT_EQ(open.body, R"({"a":1})");
  EXPECT_EQ(open.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(open.header("cache-control"), "no-store");
  EXPECT_FALSE(open.header("date").empty());
}

TEST_F(ServerTest, SaysWhoIsNotKnown) {
  Begin();
  EXPECT_EQ(Get("/inline").status, 401);
  EXPECT_EQ(Get("/inline", {{"Authorization", "Bearer bad"}}).status, 401);
  EXPECT_EQ(Get("/inline", {{"Cookie", "streampark_session=bad"}}).status, 401);
  EXPECT_EQ(Get("/open", {{"Cookie", "streampark_session=bad"}}).status, 200);
  EXPECT_EQ(Get("/nothing").status, 404);
  EXPECT_EQ(Get("/nothing").header("content-type"), "application/problem+json");
  EXPECT_EQ(Send({.method = "DELETE", .url = Url("/open")}).status, 405);
}

TEST_F(ServerTest, NeverReflectsAnOrigin) {
  Begin();
  const base::HttpResponse response = Get("/open", {{"Origin", "http://evil.example"}});
  EXPECT_EQ(response.header("access-control-allow-origin"), "");
  const base::HttpResponse preflight = Send(
      {.method = "OPTIONS",
       .url = Url("/echo"),
       .headers = {{"Origin", "http://evil.example"}, {"Access-Control-Request-Method", "POST"}}});
  EXPECT_GE(preflight.status, 400);
  EXPECT_EQ(preflight.header("access-control-allow-origin"), "");
}

TEST_F(ServerTest, ABrowsersChangeMustBeItsOwn) {
  Begin();
  const auto post = [&](std::vector<std::pair<std::string, std::string>> more) {
    std::vector<std::pair<std::string, std::string>> headers = {
        {"Cookie", "streampark_session=good"}};
    headers.insert(headers.end(), more.begin(), more.end());
    return Send({.method = "POST", .url = Url("/echo"), .headers = headers, .body = "x"}).status;
  };
  EXPECT_EQ(post({}), 403);
  EXPECT_EQ(post({{"X-Streampark-Csrf", "no"}}), 403);
  EXPECT_EQ(post({{"X-Streampark-Csrf", "csrf"}}), 200);
  EXPECT_EQ(post({{"X-Streampark-Csrf", "csrf"}, {"Origin", "http://evil.example"}}), 403);
  EXPECT_EQ(post({{"X-Streampark-Csrf", "csrf"}, {"Sec-Fetch-Site", "cross-site"}}), 403);
}

TEST_F(ServerTest, AForeignHostNameIsRefused) {
  Begin();
  EXPECT_EQ(Get("/open", {{"Host", "rebound.example"}}).status, 400);
}

TEST_F(ServerTest, BodiesAreLimited) {
  Begin();
  auto request = HttpRequest{
      .method = "POST", .url = Url("/echo"), .headers = token_, .body = std::string(1000, 'x')};
  EXPECT_EQ(Send(request).body.size(), 1000U);
  request.body.push_back('x');
  EXPECT_EQ(Send(request).status, 413);
  // Without an announced length it is noticed on the way.
  std::string chunked =
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\nTransfer-Encoding: "
      "chunked\r\n\r\n";
  for (int i = 0; i < 3; ++i) {
    chunked += "190\r\n" + std::string(0x190, 'x') + "\r\n";
  }
  EXPECT_TRUE(Raw(chunked + "0\r\n\r\n").starts_with("HTTP/1.1 413"));
}

TEST_F(ServerTest, UploadsAreSpooledAndRemoved) {
  Begin();
  std::vector<std::pair<std::string, std::string>> headers = token_;
  headers.emplace_back("Content-Type", "application/octet-stream");
  auto request = HttpRequest{.method = "POST",
                             .url = Url("/upload"),
                             .headers = headers,
                             .body = std::string(150'000, 'y')};
  EXPECT_EQ(Send(request).body, "150000 yyyyy");
  EXPECT_EQ(spooled_.parent_path(), folder_.path());
  // The file goes with the request, which ends after its answer was read here.
  EXPECT_EQ(Get("/inline", token_).status, 200);
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::filesystem::exists(spooled_) && std::chrono::steady_clock::now() < patience) {
    std::this_thread::yield();
  }
  EXPECT_FALSE(std::filesystem::exists(spooled_));
  request.body.assign(200'001, 'y');
  EXPECT_EQ(Send(request).status, 413);
  request.headers = {{"Content-Type", "application/octet-stream"}};
  EXPECT_EQ(Send(request).status, 401);
  request.headers = token_;
  request.body = "small";
  EXPECT_EQ(Send(request).status, 415);
}

TEST_F(ServerTest, NobodyUnknownIsReadFrom) {
  Begin();
  const auto head = [](std::string_view path, std::string_view credentials) {
    return "POST " + std::string(path) +
           " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n" +
           std::string(credentials) + "Content-Length: 900\r\n\r\n";
  };
  // The bodies never come, so an answer shows that nothing waits for them.
  for (const char* path : {"/upload", "/echo"}) {
    for (const char* credentials :
         {"", "Authorization: Bearer junk\r\n", "Cookie: streampark_session=junk\r\n"}) {
      const int socket = Connect();
      const std::string request = head(path, credentials);
      ASSERT_EQ(::send(socket, request.data(), request.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(request.size()));
      pollfd polled{socket, POLLIN, 0};
      ASSERT_EQ(::poll(&polled, 1, 5000), 1) << path << " " << credentials;
      char answer[64] = {};
      ASSERT_GT(::recv(socket, answer, sizeof answer - 1, 0), 0);
      EXPECT_TRUE(std::string_view(answer).starts_with("HTTP/1.1 401")) << answer;
      ::close(socket);
    }
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 0);
  // Whom only the database knows may send one.
  const auto slow = Send(
      {.method = "POST",
       .url = Url("/upload"),
       .headers = {{"Authorization", "Bearer slow"}, {"Content-Type", "application/octet-stream"}},
       .body = std::string(1500, 'y')});
  EXPECT_EQ(slow.body, "1500 yyyyy");
}

TEST_F(ServerTest, AnEarlyAnswerReachesAClientThatIsStillSending) {
  options_.upload_limit = 64U << 20U;
  options_.spool_folder = folder_.path() / "gone";
  Begin();
  std::vector<std::pair<std::string, std::string>> headers = token_;
  headers.emplace_back("Content-Type", "application/octet-stream");
  const auto answer = Send({.method = "POST",
                            .url = Url("/upload"),
                            .headers = headers,
                            .body = std::string(20U << 20U, 'y'),
                            .deadline = Millis(30'000)});
  EXPECT_EQ(answer.status, 500) << answer.body;
}

TEST_F(ServerTest, OnlyOperationsThatTakeAnUploadSpool) {
  Begin();
  std::vector<std::pair<std::string, std::string>> headers = token_;
  headers.emplace_back("Content-Type", "application/octet-stream");
  const HttpRequest request{
      .method = "POST", .url = Url("/echo"), .headers = headers, .body = std::string(1001, 'x')};
  EXPECT_EQ(Send(request).status, 413);
}

TEST_F(ServerTest, AHandlersExceptionIsAProblemNotADeath) {
  Begin();
  const base::HttpResponse response = Get("/throw");
  EXPECT_EQ(response.status, 500);
  EXPECT_NE(response.body.find("\"INTERNAL\""), std::string::npos);
  EXPECT_EQ(Get("/open").status, 200);
}

TEST_F(ServerTest, AnswersRequestsSentAheadInOrder) {
  Begin();
  const std::string answer =
      Raw("GET /pooled?q=one HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\n\r\n"
          "GET /inline HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\n\r\n"
          "GET /pooled?q=two HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
          "good\r\nConnection: close\r\n\r\n");
  const std::size_t one = answer.find("one");
  const std::size_t hello = answer.find("hello");
  const std::size_t two = answer.find("two");
  ASSERT_NE(two, std::string::npos) << answer;
  EXPECT_LT(one, hello);
  EXPECT_LT(hello, two);
  EXPECT_EQ(answer.find("<still open>"), std::string::npos);
}

TEST_F(ServerTest, HeadHasNoBody) {
  Begin();
  const std::string answer =
      Raw("HEAD /open HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 7\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(ServerTest, WhatIsNoRequestIsRefused) {
  Begin();
  EXPECT_TRUE(Raw("rubbish\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(Raw("GET /open HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(
      Raw("GET /open HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n")
          .starts_with("HTTP/1.1 413"));
  // Two lengths would let a second request hide in the first one's body.
  EXPECT_TRUE(Raw("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: "
                  "6\r\n\r\nhello!")
                  .starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(Raw("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                  "5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
                  .starts_with("HTTP/1.1 400"));
  EXPECT_EQ(Get("/open").status, 200);
}

TEST_F(ServerTest, SlowHeadersAndIdleConnectionsAreEnded) {
  options_.header_deadline = Millis(300);
  options_.idle_deadline = Millis(300);
  options_.body_deadline = Millis(300);
  Begin();
  EXPECT_EQ(Raw("GET /open HTTP/1.1\r\nHost: loc"), "");
  EXPECT_EQ(Raw(""), "");
  EXPECT_EQ(Raw("POST /echo HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\n"
                "Content-Length: 10\r\n\r\nabc"),
            "");
}

TEST_F(ServerTest, StreamsWhatComes) {
  Begin();
  std::string got;
  std::jthread pusher([this] {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (source_.open == 0 && std::chrono::steady_clock::now() < patience) {
      std::this_thread::yield();
    }
    source_.Push("data: one\n\n");
    source_.Push("data: two\n\n");
  });
  const auto response = client_.Stream({.url = Url("/stream"), .deadline = Millis(10'000)},
                                       [&](std::string_view piece) {
                                         got.append(piece);
                                         return got.find("two") == std::string::npos;
                                       });
  ASSERT_TRUE(response.ok()) << response.error().ToString();
  EXPECT_EQ(got, "data: one\n\ndata: two\n\n");
  EXPECT_EQ(response->header("content-type"), "text/event-stream");
}

TEST_F(ServerTest, HeartbeatsShowThatAStreamLives) {
  options_.event_heartbeat = Millis(100);
  Begin();
  std::string got;
  const auto response = client_.Stream({.url = Url("/stream"), .deadline = Millis(10'000)},
                                       [&](std::string_view piece) {
                                         got.append(piece);
                                         return got.size() < 6;
                                       });
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(got, ":\n\n:\n\n");
}

TEST_F(ServerTest, StoppingLetsRequestsFinishAndEndsStreams) {
  Begin();
  std::string waited;
  std::jthread requester([&] { waited = Get("/wait").body; });
  std::atomic<bool> stream_ended = false;
  std::jthread listener([&] {
    const auto response = client_.Stream({.url = Url("/stream"), .deadline = Millis(20'000)},
                                         [](std::string_view) { return true; });
    stream_ended = response.ok();
  });
  waiting_.wait();
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (source_.open == 0 && std::chrono::steady_clock::now() < patience) {
    std::this_thread::yield();
  }
  std::jthread stopper([&] { server_->Stop(Millis(10'000)); });
  listener.join();
  EXPECT_TRUE(stream_ended);
  released_.count_down();
  stopper.join();
  requester.join();
  EXPECT_EQ(waited, "done");
  EXPECT_FALSE(client_.Send({.url = Url("/open")}).ok());
}

TEST_F(ServerTest, StoppingDoesNotWaitForEver) {
  Begin();
  std::jthread requester([&] { static_cast<void>(client_.Send({.url = Url("/wait")})); });
  waiting_.wait();
  std::jthread stopper([&] { server_->Stop(Millis(100)); });
  released_.count_down();
  stopper.join();
}

TEST_F(ServerTest, CountsWhatItAnswers) {
  Begin();
  Get("/open");
  Get("/nothing");
  const std::string text = metrics_.Collect();
  EXPECT_NE(text.find("streampark_http_requests_total{operation=\"open\",status=\"2xx\"} 1\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("streampark_http_requests_total{operation=\"other\",status=\"4xx\"} 1\n"),
            std::string::npos);
  EXPECT_NE(text.find("streampark_http_request_seconds_bucket{operation=\"open\",le=\"+Inf\"} 1\n"),
            std::string::npos);
}

TEST_F(ServerTest, SpeaksTlsWithTheGivenCertificate) {
  const auto certificate = folder_.path() / "cert.pem";
  const auto key = folder_.path() / "key.pem";
  const auto made = base::RunCommand(
      {.argv = {"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key.string(),
                "-out", certificate.string()}},
      Millis(60'000));
  ASSERT_TRUE(made.ok() && made->exit_code == 0) << made->errors;
  options_.tls_certificate = certificate;
  options_.tls_key = key;
  Begin();
  base::HttpClient client({.unix_socket = {}, .ca_file = certificate});
  const std::string url = "https://127.0.0.1:" + std::to_string(server_->port());
  for (int i = 0; i < 2; ++i) {
    const auto response = client.Send({.url = url + "/open", .deadline = Millis(30'000)});
    ASSERT_TRUE(response.ok()) << response.error().ToString();
    EXPECT_EQ(response->body, R"({"a":1})");
    // A rule for a name of this machine would hold for every other program on it.
    EXPECT_TRUE(response->header("strict-transport-security").empty());
  }
  options_.listen = "0.0.0.0";
  Finish();
  server_.reset();
  Begin();
  const auto known =
      client.Send({.url = "https://127.0.0.1:" + std::to_string(server_->port()) + "/open",
                   .headers = {{"Host", "streampark.example"}}});
  ASSERT_TRUE(known.ok()) << known.error().ToString();
  EXPECT_FALSE(known->header("strict-transport-security").empty());
  // Who does not trust the certificate does not connect; who speaks plain HTTP gets nothing.
  EXPECT_FALSE(
      client_.Send({.url = "https://127.0.0.1:" + std::to_string(server_->port()) + "/open"}).ok());
  EXPECT_EQ(Raw("GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n").find("200"), std::string::npos);
}

TEST_F(ServerTest, SaysWhyItCannotListen) {
  Begin();
  ServerOptions same = options_;
  same.port = server_->port();
  Server second(same, router_, authenticator_, metrics_, random_);
  // Two servers with the same address: the port is taken while the first listens.
  EXPECT_EQ(second.Start().error().code(), base::ErrorCode::kIoError);
  ServerOptions nowhere = options_;
  nowhere.listen = "not an address";
  Server third(nowhere, router_, authenticator_, metrics_, random_);
  EXPECT_EQ(third.Start().error().code(), base::ErrorCode::kConfigInvalid);
  ServerOptions bad_tls = options_;
  bad_tls.tls_certificate = folder_.path() / "missing.pem";
  Server fourth(bad_tls, router_, authenticator_, metrics_, random_);
  EXPECT_EQ(fourth.Start().error().code(), base::ErrorCode::kConfigInvalid);
}

}  // namespace
}  // namespace streampark::http

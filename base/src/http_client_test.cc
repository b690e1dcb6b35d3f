// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/http_client.h"

#include <atomic>
#include <latch>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace streampark::base {
namespace {

/// Answers each connection's requests with what `answer` makes of them; an empty answer leaves the
/// client waiting.
class TinyServer {
 public:
  /// Ends a connection after so many answers.
  explicit TinyServer(std::function<std::string(const std::string&)> answer, int answers = 1 << 20)
      : answer_(std::move(answer)), answers_(answers) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this](std::stop_token stop) { Serve(stop); });
  }
  ~TinyServer() {
    thread_.request_stop();
    thread_.join();
    ::close(listener_);
  }

  std::string Url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  int connections() const { return connections_; }

 private:
  static bool Readable(int descriptor, const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd polled{descriptor, POLLIN, 0};
      if (::poll(&polled, 1, 20) > 0) {
        return true;
      }
    }
    return false;
  }

  void Serve(const std::stop_token& stop) {
    while (Readable(listener_, stop)) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      ++connections_;
      std::string request;
      int given = 0;
      while (given < answers_ && Readable(connection, stop)) {
        char buffer[65536];
        const ssize_t count = ::recv(connection, buffer, sizeof buffer, 0);
        if (count <= 0) {
          break;
        }
        request.append(buffer, static_cast<std::size_t>(count));
        const std::string answer = answer_(request);
        if (!answer.empty()) {
          request.clear();
          ++given;
          ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
        }
      }
      ::close(connection);
    }
  }

  std::function<std::string(const std::string&)> answer_;
  const int answers_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::jthread thread_;
};

std::string Answer(std::string_view status, std::string_view body) {
  return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nX-Kind:  Test \r\n\r\n" + std::string(body);
}

TEST(HttpClientTest, SendsAndReads) {
  std::string seen;
  TinyServer server([&](const std::string& request) {
    seen = request;
    return request.ends_with("body") ? Answer("201 Created", "made") : std::string();
  });
  HttpClient client;
  const auto response = client.Send({.method = "PUT",
                                     .url = server.Url("/a?b=c"),
                                     .headers = {{"X-Name", "value"}},
                                     .body = "the body"});
  ASSERT_TRUE(response.ok()) << response.error().ToString();
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "made");
  EXPECT_EQ(response->header("x-kind"), "Test");
  EXPECT_EQ(response->header("missing"), "");
  EXPECT_TRUE(seen.starts_with("PUT /a?b=c HTTP/1.1\r\n"));
  EXPECT_NE(seen.find("X-Name: value\r\n"), std::string::npos);
}

TEST(HttpClientTest, KeepsConnectionsAndFollowsNoRedirect) {
  TinyServer server([](const std::string&) {
    return std::string("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
  });
  HttpClient client;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client.Send({.url = server.Url("/")})->status, 302);
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClientTest, TellsTimeoutFromUnreachable) {
  TinyServer server([](const std::string&) { return std::string(); });
  HttpClient client;
  EXPECT_EQ(client.Send({.url = server.Url("/"), .deadline = Millis(100)}).error().code(),
            ErrorCode::kEngineTimeout);
  EXPECT_EQ(client.Send({.url = "http://127.0.0.1:1/"}).error().code(),
            ErrorCode::kClusterUnreachable);
  EXPECT_EQ(client.Send({.url = "ftp://127.0.0.1/"}).error().code(), ErrorCode::kInvalidRequest);
}

TEST(HttpClientTest, WhatIsCutOffIsNoAnswerAndMayHaveArrived) {
  for (const char* piece :
       {"HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc", "SSH-2.0-x\r\n"}) {
    TinyServer server([&](const std::string&) { return std::string(piece); }, 1);
    const auto response =
        HttpClient().Send({.method = "POST", .url = server.Url("/"), .body = "x"});
    ASSERT_FALSE(response.ok()) << piece;
    EXPECT_EQ(response.error().code(), ErrorCode::kEngineTimeout) << piece;
  }
}

TEST(HttpClientTest, ErrorsDoNotShowTheQuery) {
  HttpClient client;
  const auto response = client.Send({.url = "http://127.0.0.1:1/path?token=abc"});
  EXPECT_EQ(response.error().ToString().find("abc"), std::string::npos);
}

TEST(HttpClientTest, StopEndsAWaitAtOnce) {
  std::latch asked(1);
  std::atomic<bool> counted = false;
  TinyServer server([&](const std::string&) {
    if (!counted.exchange(true)) {
      asked.count_down();
    }
    return std::string();
  });
  HttpClient client;
  std::stop_source stop;
  std::jthread stopper([&] {
    asked.wait();
    stop.request_stop();
  });
  const auto started = std::chrono::steady_clock::now();
  const auto response =
      client.Send({.url = server.Url("/"), .deadline = Millis(60'000)}, stop.get_token());
  EXPECT_EQ(response.error().code(), ErrorCode::kCancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(10));
}

TEST(HttpClientTest, WhoHasStoppedAskingSendsNothing) {
  std::stop_source asking;
  asking.request_stop();
  const auto answer =
      HttpClient().Send({.method = "GET", .url = "http://127.0.0.1:1/"}, asking.get_token());
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code(), ErrorCode::kCancelled);
}

TEST(HttpClientTest, LimitsTheAnswer) {
  TinyServer server([](const std::string&) { return Answer("200 OK", std::string(5000, 'x')); });
  HttpClient client;
  EXPECT_EQ(client.Send({.url = server.Url("/"), .response_limit = 4000}).error().code(),
            ErrorCode::kEngineError);
  EXPECT_TRUE(client.Send({.url = server.Url("/"), .response_limit = 5000}).ok());
}

TEST(HttpClientTest, StreamsUntilTheReaderHasEnough) {
  TinyServer server([](const std::string&) {
    return std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  });
  HttpClient client;
  std::string got;
  const auto response = client.Stream({.url = server.Url("/")}, [&](std::string_view piece) {
    got.append(piece);
    return got.size() < 5;
  });
  ASSERT_TRUE(response.ok()) << response.error().ToString();
  EXPECT_EQ(got, "hello");
}

TEST(HttpClientTest, SilenceEndsAStream) {
  TinyServer server([](const std::string&) {
    return std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  });
  HttpClient client;
  const auto response = client.Stream({.url = server.Url("/"), .deadline = Millis(150)},
                                      [](std::string_view) { return true; });
  EXPECT_EQ(response.error().code(), ErrorCode::kEngineTimeout);
}

TEST(HttpClientTest, AStreamThatIsRefusedHasItsBody) {
  TinyServer server([](const std::string&) { return Answer("404 Not Found", "nothing here"); });
  HttpClient client;
  const auto response = client.Stream({.url = server.Url("/")}, [](std::string_view) -> bool {
    ADD_FAILURE();
    return true;
  });
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->body, "nothing here");
}

TEST(HttpClientTest, NeverGoesToLinkLocalAddresses) {
  HttpClient client;
  for (const char* host : {"169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]"}) {
    const auto response = client.Send({.url = "http://" + std::string(host) + ":9/"});
    ASSERT_FALSE(response.ok()) << host;
    EXPECT_EQ(response.error().code(), ErrorCode::kClusterUnreachable);
    EXPECT_EQ(response.error().cause(), "Couldn't connect to server") << host;
  }
}

TEST(HttpClientTest, EncodesForUrls) { EXPECT_EQ(UrlEncode("a b/ü~-"), "a%20b%2F%C3%BC~-"); }

TEST(HttpClientTest, DecodesWhatIsEncoded) {
  EXPECT_EQ(UrlDecode(UrlEncode("a b/ü~-+"), Plus::kIsPlus), "a b/ü~-+");
  EXPECT_EQ(UrlDecode("a+b%2b%2B", Plus::kIsBlank), "a b++");
  EXPECT_EQ(UrlDecode("a+b", Plus::kIsPlus), "a+b");
  for (const char* const bad : {"%", "%4", "a%4g", "%%41"}) {
    EXPECT_EQ(UrlDecode(bad, Plus::kIsPlus), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace streampark::base

// SPDX-License-Identifier: Apache-2.0
// What is sent to whom, and what errors show.
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/files.h"
#include "streampark/base/process.h"
#include "streampark/base/temporary_folder.h"
#include "streampark/connectors/http.h"
#include "streampark/connectors/testing/rows.h"

#include "testing/test_server.h"

namespace streampark::connectors::http {
namespace {

using namespace std::chrono_literals;
using connectors::testing::AddRows;
using connectors::testing::Given;
using connectors::testing::SchemaOf;
using connectors::testing::SourceOf;
using connectors::testing::Strings;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TestServer;
using Request = TestServer::Request;
using Answer = TestServer::Answer;

/// The rows of a bounded source of one address, or its error.
Strings Read(const Given& given, const std::string& schema = "t STRING") {
  const auto connector = MakeHttpConnector();
  const auto source = SourceOf(*connector, given, SchemaOf(schema));
  const auto reader = source->MakeReader(0).value();
  EXPECT_TRUE(
      reader->Add(source->MakeEnumerator(std::nullopt).value()->Discover({}).value().splits).ok());
  Strings rows;
  for (;;) {
    auto read = reader->Read(1s);
    if (!read.ok()) {
      return {read.error().ToString()};
    }
    if (read->batch) {
      AddRows(*read->batch, rows);
    }
    if (!read->ended.empty()) {
      return rows;
    }
  }
}

std::string HeaderOf(const Request& request, const std::string& name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? "-" : found->second;
}

TEST(HttpSecurity, WhoWeAreIsSaidToTheServerAndToNobodyElse) {
  const TestServer stranger([](const Request&) { return Answer{.body = "far"}; });
  const TestServer server([&](const Request& request) -> Answer {
    if (request.path == "/near") {
      return {.status = 302, .headers = {{"Location", "/there"}}};
    }
    if (request.path == "/far") {
      return {.status = 302, .headers = {{"Location", stranger.Url("/there?x=1")}}};
    }
    return {.body = "near"};
  });
  const Given given = {{"format", "raw"},
                       {"username", "me"},
                       {"password", "hidden"},
                       {"secret.header", "X-Key: also hidden"},
                       {"headers.X-Team", "blue"}};
  const auto with = [&](const std::string& url) {
    Given all = given;
    all["url"] = url;
    return Read(all);
  };
  EXPECT_THAT(with(server.Url("/near")), ElementsAre("+I('near')"));
  for (const auto& request : server.requests()) {
    EXPECT_EQ(HeaderOf(request, "authorization"), "Basic bWU6aGlkZGVu");
    EXPECT_EQ(HeaderOf(request, "x-key"), "also hidden");
    EXPECT_EQ(HeaderOf(request, "x-team"), "blue");
  }
  EXPECT_THAT(with(server.Url("/far")), ElementsAre("+I('far')"));
  ASSERT_EQ(stranger.requests().size(), 1U);
  for (const char* name : {"authorization", "x-key", "x-team"}) {
    EXPECT_EQ(HeaderOf(stranger.requests()[0], name), "-") << name;
  }
  EXPECT_THAT(Read({{"url", server.Url("/x")}, {"format", "raw"}, {"token", "t"}}),
              ElementsAre("+I('near')"));
  EXPECT_EQ(HeaderOf(server.requests().back(), "authorization"), "Bearer t");
}

TEST(HttpSecurity, RedirectionsEnd) {
  const TestServer server([](const Request& request) {
    return Answer{
        .status = 302,
        .headers = {{"Location", request.path == "/bad" ? "ftp://x/" : request.path + "x"}}};
  });
  EXPECT_THAT(Read({{"url", server.Url("/a")}}),
              ElementsAre(HasSubstr("redirected more than 5 times")));
  EXPECT_EQ(server.requests().size(), 6U);
  EXPECT_THAT(Read({{"url", server.Url("/bad")}}), ElementsAre(HasSubstr("no address of http")));
}

TEST(HttpSecurity, ErrorsShowNoSecret) {
  const TestServer server([](const Request& request) {
    return Answer{
        .status = 400,
        .body = "cannot read " + HeaderOf(request, "authorization") + HeaderOf(request, "x-key")};
  });
  for (const Given& who :
       {Given{{"token", "hidden"}}, Given{{"username", "u"}, {"password", "hidden"}},
        Given{{"secret.header", "X-Key: hidden"}}}) {
    Given given = who;
    given["url"] = server.Url("/x?key=hidden");
    EXPECT_THAT(Read(given), ElementsAre(AllOf(HasSubstr("******"), Not(HasSubstr("hidden")),
                                               Not(HasSubstr("aGlkZGVu")))));
  }
}

/// Answers any request with `secure`, after a handshake for which both sides have certificates. Written in Python, whose library has such a server.
class SecureServer {
 public:
  SecureServer() : folder_(base::TemporaryFolder::Create().value()) {
    MakeCertificates();
    process_ = std::make_unique<base::ChildProcess>(
        base::ChildProcess::Start(
            {.argv = {"/usr/bin/python3", "-c", kProgram}, .working_directory = folder_.path()},
            folder_.path() / "log")
            .value());
    const auto port = folder_.path() / "port";
    while (!std::filesystem::exists(port)) {
      SP_CHECK(base::IsAlive(process_->id()));
      std::this_thread::sleep_for(10ms);
    }
    port_ = base::ReadFile(port).value();
  }
  ~SecureServer() { base::Signal(process_->id(), SIGKILL); }

  std::string Url(const std::string& host) const { return "https://" + host + ":" + port_ + "/"; }
  std::string File(const std::string& name) const { return folder_.path() / name; }

 private:
  static constexpr const char* kProgram = R"(
import http.server, os, ssl
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', '6')
        self.end_headers()
        self.wfile.write(b'secure')
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain('server.crt', 'server.key')
context.load_verify_locations('ca.crt')
context.verify_mode = ssl.CERT_REQUIRED
server.socket = context.wrap_socket(server.socket, server_side=True)
with open('port.new', 'w') as port:
    port.write(str(server.server_address[1]))
os.rename('port.new', 'port')
server.serve_forever()
)";

  void MakeCertificates() const {
    const auto run = [&](std::vector<std::string> argv) {
      argv.insert(argv.begin(), "/usr/bin/openssl");
      const auto done = base::RunCommand(
          {.argv = std::move(argv), .working_directory = folder_.path()}, base::Millis(60'000));
      SP_CHECK(done.ok() && done->exit_code == 0);
    };
    run({"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt",
         "-subj", "/CN=authority", "-days", "2"});
    for (const std::string name : {"server", "client"}) {
      run({"req", "-newkey", "rsa:2048", "-keyout", name + ".key", "-out", name + ".csr", "-subj",
           "/CN=" + name, "-addext", "subjectAltName=IP:127.0.0.1",
           name == "client" ? "-passout" : "-nodes", name == "client" ? "pass:locked" : "-batch"});
      run({"x509", "-req", "-in", name + ".csr", "-CA", "ca.crt", "-CAkey", "ca.key",
           "-CAcreateserial", "-out", name + ".crt", "-days", "2", "-copy_extensions", "copy"});
    }
  }

  const base::TemporaryFolder folder_;
  std::unique_ptr<base::ChildProcess> process_;
  std::string port_;
};

TEST(HttpSecurity, TlsChecksTheServerAndTheServerChecksUs) {
  const SecureServer server;
  const Given good = {{"url", server.Url("127.0.0.1")},
                      {"format", "raw"},
                      {"retry.for", "0ms"},
                      {"tls.ca.file", server.File("ca.crt")},
                      {"tls.certificate.file", server.File("client.crt")},
                      {"tls.key.file", server.File("client.key")},
                      {"tls.key.password", "locked"}};
  EXPECT_THAT(Read(good), ElementsAre("+I('secure')"));
  const auto with = [&](Given more) {
    more.insert(good.begin(), good.end());
    return Read(more)[0];
  };
  EXPECT_THAT(with({{"url", server.Url("localhost")}}), HasSubstr("could not be sent"));
  EXPECT_THAT(with({{"tls.ca.file", "/etc/ssl/certs/ca-certificates.crt"}}),
              HasSubstr("could not be sent"));
  EXPECT_THAT(with({{"tls.key.password", "wrong"}}),
              AllOf(HasSubstr("could not be sent"), Not(HasSubstr("wrong"))));
  Given anonymous = good;
  std::erase_if(anonymous, [](const auto& one) {
    return one.first.starts_with("tls.") && one.first != "tls.ca.file";
  });
  EXPECT_THAT(Read(anonymous), ElementsAre(Not(HasSubstr("secure"))));
}

}  // namespace
}  // namespace streampark::connectors::http

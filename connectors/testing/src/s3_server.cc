// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/testing/s3_server.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "streampark/base/check.h"
#include "streampark/base/http_client.h"

namespace streampark::connectors::testing {

S3Server::S3Server(Transport transport)
    : transport_(transport), process_(SIGKILL, ServerProcess::RunAs::kUs), port_(FreePort()) {
  endpoint_ = (transport == Transport::kTls ? "https://localhost:" : "http://localhost:") +
              std::to_string(port_);
  // Its attributes of files in files of their own: not every file system in memory has room for them.
  for (const std::filesystem::path folder : {"data/flights", "attributes"}) {
    std::filesystem::create_directories(process_.folder() / folder);
  }
  if (transport == Transport::kTls) {
    process_.Prepare({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                      "-subj", "/CN=store", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                      "key.pem", "-out", "certificate.pem"});
  }
  Start();
}

void S3Server::Start() {
  const char* program = std::getenv("STREAMPARK_S3_SERVER");
  if (program == nullptr) {
    std::fprintf(stderr, "STREAMPARK_S3_SERVER names no server: ./sp test engine sets it\n");
    std::exit(1);
  }
  std::vector<std::string> argv{
      program,          "--port",     "127.0.0.1:" + std::to_string(port_),
      "--access",       kAccessKeyId, "--secret",
      kSecretAccessKey, "--region",   kRegion,
      "--health",       "/health",    "--keep-alive",
      "--quiet"};
  if (transport_ == Transport::kTls) {
    argv.insert(argv.end(), {"--cert", certificate().string(), "--key",
                             (process_.folder() / "key.pem").string()});
  }
  argv.insert(argv.end(), {"posix", "--sidecar", (process_.folder() / "attributes").string(),
                           (process_.folder() / "data").string()});
  base::HttpClient http(base::HttpClient::Options{
      .ca_file = transport_ == Transport::kTls ? certificate() : std::filesystem::path()});
  process_.Start(std::move(argv), [&] {
    const auto answer = http.Send({.url = endpoint_ + "/health"});
    return answer.ok() && answer->status == 200;
  });
}

}  // namespace streampark::connectors::testing

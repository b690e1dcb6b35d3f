// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "streampark/base/log.h"

namespace streampark::server {

/// The command line of `streampark serve`.
struct ServeOptions {
  std::filesystem::path data;
  std::string listen = "127.0.0.1";
  std::uint16_t port = 10000;
  std::filesystem::path tls_certificate = {};
  std::filesystem::path tls_key = {};
  std::filesystem::path web_root = {};      // the built web app; none when empty
  std::filesystem::path agent_jar = {};     // the SQL agent; SQL help is off when empty
  std::filesystem::path fetch_script = {};  // fetches engine versions; fetching is off when empty
  std::string run_as = {};                  // who runs jobs' code; empty: see separate_user.h
  std::filesystem::path java_home = {};     // of agents and clusters; found when empty
  std::filesystem::path log_file = {};      // instead of stderr
  base::LogFormat log_format = base::LogFormat::kText;
};

/// Runs the console until SIGTERM or SIGINT; the program's exit code. Call it from the main thread
/// before any other thread is started: it blocks those signals and waits for them. Clusters and
/// jobs go on when it ends.
int Serve(const ServeOptions& options);

}  // namespace streampark::server

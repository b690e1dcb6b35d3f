// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "streampark/base/result.h"

#include "commands.h"
#include "operation_watch.h"

namespace streampark::cli {

/// Everything that any job command can be told; each command declares what it takes.
struct JobArguments {
  std::string name, team;
  std::string query, badge, tag;
  std::string savepoint, format, savepoint_name, note;
  std::string from, claim, mode;
  bool allow_non_restored = false, follow = false, delete_snapshots = false;
  bool force = false, check = false;
  int parallelism = 0, revision = 0;
  std::vector<std::string> options;
  std::string wait_for = "RUNNING";
  std::string timeout = "5m";
  Following following;
};

/// `streampark job`, for the files that add commands to it.
struct JobCommands {
  CLI::App& job;
  Invocation& invocation;
  std::shared_ptr<JobArguments> arguments = std::make_shared<JobArguments>();

  CLI::App* Add(const char* name, const char* about) const;
  CLI::App* AddNamed(const char* name, const char* about) const;
  /// One that starts an operation.
  CLI::App* AddOperation(const char* name, const char* about) const;
};

void AddJobOperations(const JobCommands& commands);  // start, stop, savepoint, restart, delete
void AddJobRenewals(const JobCommands& commands);    // upgrade, rescale, rollback

void AddRestoreOptions(CLI::App* command, JobArguments& arguments);
void AddAttemptOptions(CLI::App* command, JobArguments& arguments);  // for this attempt only
void AddSavepointOptions(CLI::App* command, JobArguments& arguments);

std::string JobPath(const boost::json::object& job);

/// START, RESTART, UPGRADE or ROLLBACK as the options above say it. INVALID_REQUEST when they
/// contradict each other or an option is not key=value.
base::Result<boost::json::object> StartCommand(const JobArguments& arguments,
                                               std::string_view kind);
boost::json::object SavepointFields(const JobArguments& arguments, boost::json::object command);

/// Sends a command to the job that is named and, unless told not to, follows it to its end.
base::Status OperateJob(ApiClient& client, const JobArguments& arguments,
                        boost::json::object command, OutputFormat output);

}  // namespace streampark::cli
